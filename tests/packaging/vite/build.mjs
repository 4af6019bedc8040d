import { build } from "vite";

const pages = ["index.html", "slim.html", "analysis.html"].map((page) => `${import.meta.dirname}/${page}`);
await build({ root: import.meta.dirname, configFile: false, logLevel: "warn", build: { target: "es2022", rollupOptions: { input: pages } } });
