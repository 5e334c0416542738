import { describe, expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { ZygotePolicy } from "../../src/contract/policy.js";
import { MIB, MINUTE, makeFunction, makePackage, PLAIN_POLICIES, SECOND, tell } from "./harness.js";

const HOUR = 60 * MINUTE;

describe("integrals of memory", () => {
  const functions = [makeFunction({ memoryBytes: 100 * MIB })];

  test("end with the trace's span: of a run of 10 minutes in a trace of one, 100 MiB x 60 s count", async () => {
    const told = await tell({
      functions,
      arrivals: [[0, 0, 10 * MINUTE]],
      measured: { fromUs: 0, untilUs: MINUTE },
      endUs: MINUTE,
    });
    expect(told.endUs).toBe(10 * MINUTE);
    expect(told.engine.memoryTotals().byteUs).toEqual([100 * MIB * MINUTE, 0, 0]);
  });

  test("begin with the end of the warm-up: an hour idle less half an hour, and no peak of before", async () => {
    const told = await tell({
      functions,
      arrivals: [
        [0, 0, 0],
        [0, 0, 0],
      ],
      policies: {
        "keep-alive": {
          // the first one to fall idle stays, the second one goes at once
          decide: (view, _container, decision) => {
            if (view.containers.idleCount > 1) decision.keepUs = 0;
          },
        },
      },
      measured: { fromUs: HOUR / 2, untilUs: HOUR },
      endUs: HOUR,
    });
    const { byteUs, peakBytes, tierPeakBytes } = told.engine.memoryTotals();
    expect(byteUs).toEqual([0, 100 * MIB * (HOUR / 2), 0]);
    expect(peakBytes).toBe(100 * MIB); // both together had 200 MiB at time 0
    expect(tierPeakBytes).toEqual([0, 100 * MIB, 0]);
  });

  test("of packages on disk cover the same span: 40 MiB from half an hour on", async () => {
    const packages = [makePackage({ diskBytes: 40 * MIB })];
    const told = await tell({
      functions,
      packages,
      arrivals: [[0, 0, 0]],
      measured: { fromUs: HOUR / 2, untilUs: HOUR },
      endUs: 2 * HOUR,
    });
    expect(told.engine.diskTotals()).toEqual({
      peakBytes: 40 * MIB,
      byteUs: 40 * MIB * (HOUR / 2),
    });
  });
});

describe("memory that running forks share", () => {
  const packages = [makePackage({ memoryBytes: 40 * MIB })];
  const functions = [makeFunction({ memoryBytes: 100 * MIB, closure: [0] })];
  const zygote: ZygotePolicy = {
    startsWithRoot: true,
    choose: ({ zygotes }) => {
      const [root, child = NONE] = zygotes.live;
      if (child !== NONE) return { forkFrom: child, create: null };
      return { forkFrom: root, create: { parent: root, packages: new PackageSet([0]) } };
    },
  };
  const policies = { ...PLAIN_POLICIES, zygote };
  // Root: 10 MiB, of which a child shares all but the 1 that a fork dirties: 9. Zygote: 40 + 1, of
  // which its container shares 40.
  const sharedBytes = (9 + 40) * MIB;

  test("is in use for the whole hour if a container is busy for the whole hour", async () => {
    const told = await tell({
      ...{ functions, packages, policies },
      arrivals: Array.from({ length: 4 }, () => [0, 0, HOUR] as const),
      endUs: HOUR,
    });
    const { byteUs, zygoteInUseByteUs } = told.engine.memoryTotals();
    expect(byteUs[2]).toBe((10 + 41) * MIB * HOUR);
    expect(zygoteInUseByteUs).toBe(sharedBytes * HOUR);
    expect(byteUs[1]).toBe(0); // so 2 MiB h are wasted, and not the 51 of the Zygotes
  });

  test("is idle again when the last of them ends: two runs of 10 and 30 minutes use it for 30", async () => {
    const told = await tell({
      ...{ functions, packages, policies },
      arrivals: [
        [0, 0, 10 * MINUTE],
        [SECOND, 0, 30 * MINUTE - SECOND],
      ],
      endUs: HOUR,
    });
    expect(told.engine.memoryTotals().zygoteInUseByteUs).toBe(sharedBytes * 30 * MINUTE);
  });
});
