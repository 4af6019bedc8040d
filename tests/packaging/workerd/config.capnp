using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .app)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const app :Workerd.Worker = (
  modules = [
    (name = "main.js", esModule = embed "dist/main.js"),
    (name = "engine.wasm", wasm = embed "dist/engine.wasm"),
    (name = "analyzer.wasm", wasm = embed "dist/analyzer.wasm"),
  ],
  compatibilityDate = "2026-10-20",
);
