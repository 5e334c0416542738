import { expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Policies } from "../../src/contract/policy.js";
import {
  failing,
  MIB,
  MINUTE,
  makeFunction,
  makePackage,
  PLAIN_POLICIES,
  ROUND_COSTS,
  SECOND,
  tell,
} from "./harness.js";

type Notice = readonly unknown[];

/** A dispatch policy that notes how invocations start and end. */
function noting(notices: Notice[], waitForBusy = false): Policies["dispatch"] {
  return {
    pick: PLAIN_POLICIES.dispatch.pick,
    waitForBusyUs: () => (waitForBusy ? Number.POSITIVE_INFINITY : 0),
    onStart: (_view, _container, startKind, queueUs) => {
      notices.push(["start", startKind, queueUs / SECOND]);
    },
    onEnd: (_view, _container, runUs, outcome) => {
      notices.push(["end", runUs / SECOND, outcome]);
    },
    onUnserved: (_view, functionId, outcome, waitUs) => {
      notices.push(["unserved", functionId, outcome, waitUs / SECOND]);
    },
  };
}

test("a notice says how an invocation starts and ends, and how long it was queued", async () => {
  const notices: Notice[] = [];
  await tell({
    functions: [makeFunction()],
    arrivals: [
      [0, 0, 4 * SECOND],
      [SECOND, 0, 2 * SECOND], // waits for the first one until 4 s
      [10 * SECOND, 0, SECOND],
    ],
    policies: { dispatch: noting(notices, true) },
    wrap: (backend) =>
      failing(backend, (operation, count) =>
        operation === "run" && count === 3 ? "timed-out" : "ok",
      ),
  });
  expect(notices).toEqual([
    ["start", "cold", 0],
    ["end", 4, "completed"],
    ["start", "delayed-warm", 3],
    ["end", 2, "completed"],
    ["start", "warm", 0],
    ["end", 1, "timed-out"],
  ]);
});

test("an invocation that ends without having run is a notice, which says why", async () => {
  // One container of 100 MiB fits; f runs for 3 min. g waits for memory until it is timed out after
  // one minute, h finds the queue of one place full, and i can never fit.
  const notices: Notice[] = [];
  await tell({
    functions: [
      makeFunction(),
      makeFunction(),
      makeFunction(),
      makeFunction({ memoryBytes: 101 * MIB }),
    ],
    arrivals: [
      [0, 0, 3 * MINUTE],
      [SECOND, 1, 0],
      [2 * SECOND, 2, 0],
      [4 * MINUTE, 3, 0],
    ],
    policies: { dispatch: noting(notices) },
    config: { memoryLimitBytes: 100 * MIB, queueLimit: 1 },
  });
  expect(notices.filter(([what]) => what === "unserved")).toEqual([
    ["unserved", 2, "rejected", 0],
    ["unserved", 1, "timed-out", 60],
    ["unserved", 3, "rejected", 0],
  ]);
});

test("notices say what an install and the creation of a Zygote took, each without the other", async () => {
  // The package installs in 5 s and imports in 2 s; nothing else takes time.
  const notices: Notice[] = [];
  const { installScale, importScale } = ROUND_COSTS.costs;
  await tell({
    functions: [makeFunction({ closure: [0] })],
    packages: [makePackage({ installUs: 5 * SECOND, importUs: 2 * SECOND })],
    arrivals: [[0, 0, 0]],
    costs: {
      ...ROUND_COSTS,
      costs: {
        ...ROUND_COSTS.costs,
        installScale: { ...installScale, value: 1 },
        importScale: { ...importScale, value: 1 },
      },
    },
    policies: {
      install: { ...PLAIN_POLICIES.install, preinstalled: () => [] },
      zygote: {
        startsWithRoot: false,
        choose: ({ zygotes }) => {
          const zygote = zygotes.live[0];
          return zygote === undefined
            ? { forkFrom: NONE, create: { parent: NONE, packages: new PackageSet([0]) } }
            : { forkFrom: zygote, create: null };
        },
        onInstalled: (_view, id, installUs) => {
          notices.push(["installed", id, installUs / SECOND]);
        },
        onZygoteReady: (_view, id, createUs) => {
          notices.push(["Zygote", id, createUs / SECOND]);
        },
      },
    },
  });
  expect(notices).toEqual([
    ["installed", 0, 5],
    ["Zygote", 0, 2],
  ]);
});
