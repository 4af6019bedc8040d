import { build } from "esbuild";

await build({ entryPoints: ["main.mjs"], outfile: "dist/main.mjs", bundle: true, minify: true, format: "esm", target: "es2022" });
