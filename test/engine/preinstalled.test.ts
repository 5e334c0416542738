import { expect, test } from "vitest";
import { preinstalled } from "../../src/engine/preinstalled.js";
import { makePackage, PLAIN_POLICIES, Recording } from "./harness.js";

test("an engine finds on disk at time 0 what its policy wants and fits: of 60, 60 and 30 bytes in 100, the first and the last", () => {
  const packages = [60, 60, 30].map((diskBytes) => makePackage({ diskBytes }));
  const limits = {
    memoryLimitBytes: 1000,
    cores: 1,
    runsPerCore: 1,
    creationsPerCore: 1,
    creationsPerFunction: 1,
    queueLimit: 1,
  };
  const footprint = { interpreterBytes: 1, forkPrivateBytes: 1 };
  const ids = preinstalled({
    config: { ...limits, diskLimitBytes: 100, queueTimeoutUs: 1, footprint },
    functions: [],
    packages,
    policies: {
      ...PLAIN_POLICIES,
      install: { ...PLAIN_POLICIES.install, preinstalled: () => [0, 1, 2] },
    },
    observer: new Recording(),
  });
  expect(ids).toEqual([0, 2]);
});
