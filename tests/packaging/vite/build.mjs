import { build } from "vite";

await build({ root: import.meta.dirname, configFile: false, logLevel: "warn" });
