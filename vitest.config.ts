import { defineConfig } from "vitest/config";
import { SLOWNESS } from "./test/slowness.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000 * SLOWNESS,
    hookTimeout: 10_000 * SLOWNESS,
    expect: { poll: { timeout: 1_000 * SLOWNESS } },
  },
});
