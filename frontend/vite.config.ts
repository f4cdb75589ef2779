import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compressed } from "./compressed.ts";

/** Where the orchestrator answers while the dashboard is served by Vite. */
const api = process.env.DEV_API ?? "http://127.0.0.1:8765";
const ours = ["/api", "/v1", "/auth", "/docs", "/openapi.json", "/metrics"];

export default defineConfig({
  plugins: [react(), compressed()],
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
  },
});
