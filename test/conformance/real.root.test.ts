import { rmSync } from "node:fs";
import { afterEach, expect } from "vitest";
import { describeReal, leftovers, type Stand, stand } from "../real/stand.js";
import { backendConformance } from "./backend.js";

const SLEEP = `import time
def f(event):
    time.sleep(event["runUs"] / 1e6)
    return event["invocation"]
`;

describeReal("the real backend keeps the contract, and leaves nothing behind", () => {
  const made: Stand[] = [];
  // Hooks run in reverse order: the suite's own hook, which closes the backend, runs before this
  // one.
  afterEach(() => {
    for (const { folder } of made.splice(0)) {
      expect(leftovers(folder)).toEqual([]);
      rmSync(folder, { recursive: true });
    }
  });
  backendConformance(() => {
    const fresh = stand([SLEEP], ["value = 1", "value = 2"]);
    made.push(fresh);
    return fresh.backend;
  });
});
