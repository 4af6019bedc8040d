// Measures whether objects should cross into wasm as they are: `node objects.mjs FOLDER MODULE`. The package writes them as texts, which the
// engine reads; the module beside it takes and gives them one property at a time (serde-wasm-bindgen).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { POLICY, questions, snapshot } from "./organization.mjs";
import { compare } from "./rounds.mjs";

const [folder = ".", module = "."] = process.argv.slice(2);
const { Directory, Policy } = await import(pathToFileURL(createRequire(resolve(folder, "package.json")).resolve("tenantry")).href);
const objects = await import(pathToFileURL(resolve(module, "objects.js")).href);
objects.initSync({ module: readFileSync(join(module, "objects_bg.wasm")) });

const MEMBERS = 1_000;
const state = JSON.stringify(snapshot(MEMBERS));
const policy = Policy.parse(POLICY);
const texts = new Directory(policy, state);
const properties = new objects.Directory(policy.documentJson(), state);
const ask = ({ actor, target }, number) => ({ tenantry: 1, id: `r${number}`, now: "2026-01-15T09:00:00Z", actor: { user: actor }, action: "member.remove", target });
const list = questions("remove", MEMBERS, 256).map(ask);

const sorted = (value) => JSON.stringify(value, (_, inner) => (inner?.constructor === Object ? Object.fromEntries(Object.entries(inner).sort()) : inner));
for (const request of list) {
  const [one, other] = [texts.decide(request), properties.decide(request)].map(sorted);
  if (one !== other) throw new Error(`the answers differ:\n${one}\n${other}`);
}
const loops = [
  () => list.reduce((sum, request) => sum + request.id.length, 0),
  () => list.reduce((sum, request) => sum + texts.decide(request).effect.length, 0),
  () => list.reduce((sum, request) => sum + properties.decide(request).effect.length, 0),
];
const [written, crossed] = compare(loops, list.length).map((time) => `${(time / 1000).toFixed(2)} µs`);
console.log(`\n| decide, objects in and out | as texts | property by property |\n| --- | --- | --- |\n| member.remove, ${MEMBERS} members | ${written} | ${crossed} |`);
