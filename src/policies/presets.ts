import type { Family } from "../contract/policy.js";

/** A named choice for each family, written as on the command line: `name:key=value,...`. */
export interface Preset {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  /** What papers and other simulators call it; `--policy` accepts these names too. */
  readonly alsoCalled?: readonly string[];
  readonly choices: Readonly<Record<Family, string>>;
}

/** The preset with this name, or that is also called so; undefined if there is none. */
export function findPreset(name: string): Preset | undefined {
  return (
    PRESETS.find((preset) => preset.name === name) ??
    PRESETS.find((preset) => preset.alsoCalled?.includes(name))
  );
}

/** Every name by which a preset is found. */
export function presetNames(): readonly string[] {
  return PRESETS.flatMap(({ name, alsoCalled = [] }) => [name, ...alsoCalled]);
}

/** The preset from which a policy file takes the families that it does not name. */
export const DEFAULT_PRESET = "sock";

export const PRESETS: readonly Preset[] = [
  {
    name: "sock",
    summary:
      "SOCK with its three caches: Zygotes made on a miss, paused containers, installs kept.",
    source: "Oakes et al., USENIX ATC 2018",
    choices: {
      zygote: "sock",
      evict: "sock",
      "keep-alive": "fixed:keep=unlimited,pauseAfter=0",
      install: "lru",
      dispatch: "mru",
      queue: "fcfs",
    },
  },
  {
    name: "openlambda",
    summary:
      "OpenLambda today: a fixed Zygote tree, one pool with three eviction queues, and its autoscaler.",
    source: "open-lambda 71e84891 (10 ms of work per instance, one change per 100 ms)",
    choices: {
      zygote: "openlambda",
      evict: "openlambda",
      "keep-alive": "openlambda",
      install: "lru",
      dispatch: "openlambda",
      queue: "fcfs",
    },
  },
  {
    name: "forklift",
    summary: "OpenLambda with a Zygote tree fitted to the workload.",
    source: "Yang et al., WoSC 2024 (variant v3: multi-package nodes, import times, 40 nodes)",
    choices: {
      zygote: "forklift",
      evict: "openlambda",
      "keep-alive": "openlambda",
      install: "lru",
      dispatch: "openlambda",
      queue: "fcfs",
    },
  },
  {
    name: "faascache",
    summary: "Whole containers kept until memory is short, then evicted by Greedy-Dual.",
    source: "Fuerst and Sharma, ASPLOS 2021",
    alsoCalled: ["gdsf", "greedy-dual", "gd"],
    choices: {
      zygote: "none",
      evict: "gdsf",
      "keep-alive": "fixed:keep=unlimited",
      install: "all",
      dispatch: "mru",
      queue: "fcfs",
    },
  },
  {
    name: "openwhisk",
    summary: "Whole containers kept for 10 minutes after their last use.",
    source: "Apache OpenWhisk's default idle-container timeout",
    alsoCalled: ["ttl", "fixed", "fixed-keep-alive", "keepalive"],
    choices: {
      zygote: "none",
      evict: "lru",
      "keep-alive": "fixed:keep=10m",
      install: "all",
      dispatch: "mru",
      queue: "fcfs",
    },
  },
  {
    name: "hybrid-histogram",
    summary: "Whole containers kept and pre-warmed by each function's histogram of idle times.",
    source: "Shahrad et al., Serverless in the Wild, USENIX ATC 2020",
    alsoCalled: ["hist", "hybrid", "shahrad"],
    choices: {
      zygote: "none",
      evict: "lru",
      "keep-alive": "hybrid-histogram",
      install: "all",
      dispatch: "mru",
      queue: "fcfs",
    },
  },
  {
    name: "keep-all",
    summary: "Whole containers kept until memory is short, then evicted least recently used first.",
    source: "the `no unloading` baseline of Shahrad et al., USENIX ATC 2020",
    alsoCalled: ["lru", "infinite", "no-unloading"],
    choices: {
      zygote: "none",
      evict: "lru",
      "keep-alive": "fixed:keep=unlimited",
      install: "all",
      dispatch: "mru",
      queue: "fcfs",
    },
  },
  {
    name: "no-cache",
    summary:
      "Nothing idle is kept: a container serves only invocations that already wait, and a package only live containers.",
    source: "the upper bound of cold starts, and the lower one of idle memory",
    alsoCalled: ["cold", "always-cold"],
    choices: {
      zygote: "none",
      evict: "lru",
      "keep-alive": "fixed:keep=0",
      install: "none",
      dispatch: "mru",
      queue: "fcfs",
    },
  },
];
