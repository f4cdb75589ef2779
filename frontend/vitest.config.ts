import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** A test fails for what is wrong and never because the machine is busy: only what hangs takes longer. */
const PATIENCE_MS = 120_000;

/** `*.test.tsx` has a page to draw on. `*.test.ts` begins sooner without one; what asks at an address of its page says so. */
export default defineConfig({
  plugins: [react()],
  resolve: { tsconfigPaths: true },
  test: {
    restoreMocks: true,
    clearMocks: true,
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS / 2 } },
    pool: "threads",
    projects: [
      { extends: true, test: { name: "plain", environment: "node", include: ["src/**/*.test.ts"] } },
      {
        extends: true,
        test: { name: "pages", environment: "happy-dom", include: ["src/**/*.test.tsx"], setupFiles: ["vitest.setup.ts"] },
      },
    ],
  },
});
