// Plays a script in Node on the package that is installed in a folder: `node player.mjs SCRIPT ANSWERS [FOLDER]`.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { play } from "./play.mjs";

const [script, answers, folder = "."] = process.argv.slice(2);
const entry = createRequire(resolve(folder, "package.json")).resolve("tenantry");
const played = play(await import(pathToFileURL(entry).href), readFileSync(script, "utf8").trimEnd().split("\n"));
writeFileSync(answers, `${played.answers.join("\n")}\n`);
console.log(`${played.cases} cases`);
