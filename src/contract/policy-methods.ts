import type { Family, PolicyFamilies, PolicyHooks, View } from "./policy.js";

/** A question of a family. */
interface Question {
  /** The policy may leave it out. */
  readonly isOptional?: true;
}

type Methods = Readonly<Record<string, Question>>;

type QuestionOf<F extends Family> = Exclude<
  {
    [M in keyof PolicyFamilies[F]]: NonNullable<PolicyFamilies[F][M]> extends (
      ...args: never
    ) => unknown
      ? M
      : never;
  }[keyof PolicyFamilies[F]],
  keyof PolicyHooks | undefined
>;

/** Every question of every family. The compiler reports a question that is missing here. */
export const QUESTIONS: {
  readonly [F in Family]: Readonly<Record<QuestionOf<F>, Question>> & Methods;
} = {
  zygote: { choose: {} },
  evict: { victim: {}, reserveBytes: { isOptional: true } },
  "keep-alive": { decide: {} },
  install: { preinstalled: {}, budgetBytes: {}, victim: {}, keepUnused: {} },
  dispatch: { pick: {}, waitForBusyUs: {} },
  queue: { key: {} },
};

/** Values that a policy of a family must have: each is true or false. */
export const FLAGS: Readonly<Record<Family, readonly string[]>> = {
  zygote: ["startsWithRoot"],
  evict: [],
  "keep-alive": [],
  install: [],
  dispatch: [],
  queue: ["bypasses"],
};

const NOTICE_NAMES: Readonly<Record<keyof PolicyHooks, true>> = {
  onBegin: true,
  onTick: true,
  onArrival: true,
  onStart: true,
  onEnd: true,
  onUnserved: true,
  onIdle: true,
  onContainerReady: true,
  onContainerGone: true,
  onZygoteReady: true,
  onFork: true,
  onZygoteGone: true,
  onPackageUse: true,
  onInstalled: true,
  onPackageGone: true,
};

/** Every notice that a policy may receive. */
export const NOTICES = Object.keys(NOTICE_NAMES) as readonly (keyof PolicyHooks)[];

type Kinds<T> = {
  readonly [M in keyof T]: T[M] extends (...args: never) => unknown ? "method" : "value";
};

type ViewPart = "memory" | "containers" | "zygotes" | "installs";

/**
 * What a policy in another process may ask the view for, by part. The compiler reports a member
 * that is missing here.
 */
export const VIEW_PARTS: { readonly [P in ViewPart]: Kinds<View[P]> } = {
  memory: {
    limitBytes: "value",
    usedBytes: "value",
    freeBytes: "value",
    runningBytes: "value",
    handlerBytes: "value",
    zygoteBytes: "value",
  },
  containers: {
    functionOf: "method",
    zygoteOf: "method",
    isIdle: "method",
    usesOf: "method",
    createdAtUs: "method",
    lastUsedUs: "method",
    provisionUsOf: "method",
    reclaimableBytes: "method",
    idleCount: "value",
    oldestIdle: "method",
    nextIdle: "method",
    idleCountOf: "method",
    busyCountOf: "method",
    newestIdleOf: "method",
    oldestIdleOf: "method",
    waitingOf: "method",
    remakeUsOf: "method",
    waitingForBusyOf: "method",
    outstandingOf: "method",
    makingCountOf: "method",
    oldestMakingOf: "method",
    nextMaking: "method",
  },
  zygotes: {
    live: "value",
    version: "value",
    isReady: "method",
    packagesOf: "method",
    addedPackagesOf: "method",
    parentOf: "method",
    childZygotesOf: "method",
    liveContainersOf: "method",
    isPinned: "method",
    forksOf: "method",
    createdAtUs: "method",
    lastUsedUs: "method",
    bytesOf: "method",
    reclaimableBytes: "method",
  },
  installs: {
    diskLimitBytes: "value",
    usedBytes: "value",
    isInstalled: "method",
    isPinned: "method",
    lastUsedUs: "method",
    usesOf: "method",
    installed: "value",
  },
};
