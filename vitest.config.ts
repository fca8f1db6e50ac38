import { defineConfig } from "vitest/config";

// Two workers: most tests run a daemon of several processes, and the smallest machine has two cores. The limits are for
// what hangs: many times what anything takes on a slow machine that does other work beside it.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    fileParallelism: true,
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 90_000 } },
    teardownTimeout: 20_000,
  },
});
