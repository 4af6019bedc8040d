import { parentPort } from "node:worker_threads";

import { Directory, Policy } from "tenantry";

import { decisions } from "../decide.mjs";

parentPort.postMessage(decisions({ Directory, Policy }));
