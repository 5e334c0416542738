import type { Footprint } from "./footprint.js";

/** The machine an engine decides for. Limits may be Infinity. */
export interface EngineConfig {
  readonly memoryLimitBytes: number;
  readonly diskLimitBytes: number;
  readonly cores: number;
  /** Containers that may be created or run at once, per core. Infinity: as many as want to. */
  readonly runsPerCore: number;
  /** Containers and Zygotes that may be created at once, per core. Infinity: without a bound. */
  readonly creationsPerCore: number;
  /**
   * Starts of one function that may be in progress at once, be it that a container is made or that
   * a Zygote is waited for. Infinity: without a bound.
   */
  readonly creationsPerFunction: number;
  /** Invocations that may wait; one more is rejected. The default is that of OpenLambda: 1024. */
  readonly queueLimit: number;
  /** Longest wait from arrival until a container is chosen or begun; after that it is timed-out. */
  readonly queueTimeoutUs: number;
  readonly footprint: Footprint;
}
