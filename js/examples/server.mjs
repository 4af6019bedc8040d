// @ts-check
// Starts the service for one organization: `node server.mjs`, then open the address that it prints.
import { readFileSync } from "node:fs";

import { serve } from "@hono/node-server";

import { service } from "./service.mjs";

const acme = JSON.parse(readFileSync(new URL("organization.json", import.meta.url), "utf8"));
const port = Number(process.env.PORT ?? 3000);
serve({ fetch: service([acme]).fetch, hostname: "127.0.0.1", port }, (at) => console.log(`http://127.0.0.1:${at.port}/?user=ann`));
