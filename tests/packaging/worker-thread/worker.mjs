import { parentPort } from "node:worker_threads";

import { decisions } from "../decide.mjs";

parentPort.postMessage(decisions());
