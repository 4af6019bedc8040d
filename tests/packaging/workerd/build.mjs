// As wrangler bundles a worker: the engine stays a file of its own, which the runtime compiles.
import { build } from "esbuild";

await build({
  entryPoints: ["main.mjs"],
  outfile: "dist/main.js",
  bundle: true,
  minify: true,
  format: "esm",
  conditions: ["workerd", "worker", "browser"],
  loader: { ".wasm": "copy" },
  assetNames: "[name]",
});
