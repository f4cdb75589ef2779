import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compiled } from "./compiled.ts";
import { compressed } from "./compressed.ts";

/** Where the orchestrator answers while the dashboard is served by Vite. */
const api = process.env.DEV_API ?? "http://127.0.0.1:8765";
const ours = ["/api", "/v1", "/auth", "/docs", "/openapi.json", "/metrics"];

const reactItself = { name: "react", test: /node_modules\/(react|react-dom|scheduler)\//, priority: 2 };
const start = { name: "start", tags: ["$initial" as const], priority: 1 };

export default defineConfig({
  plugins: [react(), compiled(), compressed()],
  resolve: { tsconfigPaths: true },
  worker: { format: "es" },
  server: {
    host: process.env.DEV_HOST ?? "localhost",
    port: Number(process.env.DEV_PORT ?? 5173),
    strictPort: true,
    // `Host` stays the browser's, so that the orchestrator sees the page and its Origin agree.
    proxy: Object.fromEntries(ours.map((path) => [path, { target: api, changeOrigin: false, ws: false }])),
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What each page loads, for budget.mjs.
    manifest: true,
    license: { fileName: "licenses.md" },
    // The start is two scripts, not twelve: they are compiled side by side, and an update of Tunesmith leaves React in the browser's cache.
    rolldownOptions: { output: { codeSplitting: { groups: [reactItself, start] } } },
  },
});
