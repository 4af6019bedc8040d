// Writes the `package.json` of what is packed into a folder: with a version, and without what only the build needs. All else stays as
// it is, in its order: of the conditions in `exports` the first that fits counts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, version] = process.argv.slice(2);
const { name, devDependencies, ...rest } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
writeFileSync(join(folder, "package.json"), `${JSON.stringify({ name, version, ...rest }, null, 2)}\n`);
