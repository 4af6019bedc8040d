// The engine is loaded on both sides: each thread has its own.
import { Worker } from "node:worker_threads";

import "tenantry";

const worker = new Worker(new URL("worker.mjs", import.meta.url));
worker.once("message", (text) => console.log(text));
