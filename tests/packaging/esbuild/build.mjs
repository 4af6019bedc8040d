import { build } from "esbuild";

// Each program is a file of its own.
await build({ entryPoints: ["main.mjs", "analysis.mjs"], outdir: "dist", outExtension: { ".js": ".mjs" }, bundle: true, minify: true, format: "esm", target: "es2022" });
