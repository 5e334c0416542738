import { BYTES_PER_GIB, US_PER_SECOND } from "../../basics/units.js";
import type { ContainerSettings } from "./container-settings.js";
import type { ServedUnit } from "./serve-unit.js";
import type { TraceSettings } from "./trace-settings.js";

/** Given instead of the path of a catalogue: functions have no packages. */
export const NO_PACKAGES = "none";

/**
 * Creations at once that still help, measured on the real backend: docs/evidence/creations.md. More
 * of them only make each other longer.
 */
export const USUAL_CREATIONS = { creationsPerCore: 2, creationsPerFunction: 4 } as const;

/** The settings of `socklab run` if only a trace is given. */
export const USUAL_RUN: Omit<RunSettings, "trace"> = {
  backend: "sim",
  policy: "sock",
  set: [],
  unit: "function",
  memoryBytes: 8 * BYTES_PER_GIB,
  diskBytes: 10 * BYTES_PER_GIB,
  cores: 4,
  runsPerCore: Number.POSITIVE_INFINITY,
  ...USUAL_CREATIONS,
  queueLimit: 1024,
  queueTimeoutUs: 60 * US_PER_SECOND,
  packages: undefined,
  costs: undefined,
  index: undefined,
  journal: undefined,
  invocations: undefined,
  functions: undefined,
  fromMinute: 0,
  minutes: undefined,
  warmupMinutes: 0,
  speedup: 1,
  placement: "poisson",
  runTimes: "trace",
  seed: 1,
};

/** One run, as the command line or a program asks for it. Limits may be Infinity. */
export interface RunSettings extends TraceSettings {
  readonly trace: string;
  readonly backend: "sim" | "real";
  /** Preset or path of a policy file. */
  readonly policy: string;
  /** Changes to the policy: `family=name:key=value,...`. */
  readonly set: readonly string[];
  /** What one container serves. */
  readonly unit: ServedUnit;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly cores: number;
  readonly runsPerCore: number;
  readonly creationsPerCore: number;
  readonly creationsPerFunction: number;
  readonly queueLimit: number;
  readonly queueTimeoutUs: number;
  /** First minutes of the trace, in what is run of it, that the figures leave out. */
  readonly warmupMinutes: number;
  /**
   * Path of a catalogue, or `none`. Undefined: the one in the trace's folder, else the shipped one.
   */
  readonly packages: string | undefined;
  /** Path of a cost file; undefined: the project's costs.json. */
  readonly costs: string | undefined;
  /**
   * Package index or folder of wheels. Undefined: wheels are built from the catalogue on this
   * machine, so a simulated run downloads nothing either.
   */
  readonly index: string | undefined;
  /** Path of the journal to write. Undefined: no journal is written. */
  readonly journal: string | undefined;
  /** Path of the table of invocations to write. Undefined: none is written. */
  readonly invocations: string | undefined;
  /** Present if the backend is real. */
  readonly real?: RealSettings | undefined;
}

/** How a run uses this machine. */
export interface RealSettings {
  /** Folder of everything that a run keeps on disk. */
  readonly state: string;
  readonly python: string | undefined;
  readonly base: string | undefined;
  readonly containers: ContainerSettings;
}
