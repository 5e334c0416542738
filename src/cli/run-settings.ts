import type { ContainerSettings } from "./container-options.js";
import type { TraceSettings } from "./trace-options.js";

/** Stands for "functions have no packages" where a catalogue is named. */
export const NO_PACKAGES = "none";

/** One run, as the command line or a program asks for it. Limits may be Infinity. */
export interface RunSettings extends TraceSettings {
  readonly trace: string;
  readonly backend: "sim" | "real";
  /** Preset or path of a policy file. */
  readonly policy: string;
  /** Changes to it: `family=name:key=value,...`. */
  readonly set: readonly string[];
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly cores: number;
  readonly runsPerCore: number;
  readonly queueLimit: number;
  readonly queueTimeoutUs: number;
  /** Path of a catalogue, `none`, or undefined: the one beside the trace, else the shipped one. */
  readonly packages: string | undefined;
  /** Path of a cost file; undefined: the project's costs.json. */
  readonly costs: string | undefined;
  /** Path where a journal is written; undefined: none is. */
  readonly journal: string | undefined;
  /** There where the backend is real. */
  readonly real?: RealSettings | undefined;
}

/** How a run uses this machine. */
export interface RealSettings {
  /** Folder of all that is kept while it runs. */
  readonly state: string;
  /** Package index or folder of wheels; undefined: wheels are built of the catalogue. */
  readonly index: string | undefined;
  readonly python: string | undefined;
  readonly base: string | undefined;
  readonly containers: ContainerSettings;
}
