import type { Footprint } from "./policy.js";

/** The machine an engine decides for. Limits may be Infinity. */
export interface EngineConfig {
  readonly memoryLimitBytes: number;
  readonly diskLimitBytes: number;
  readonly cores: number;
  /** Containers that may be created or run at once, a core; Infinity leaves it to CPU sharing. */
  readonly runsPerCore: number;
  /** Invocations that may wait; one more is rejected. 1024 as OpenLambda's request channel. */
  readonly queueLimit: number;
  /** Longest wait from arrival until a container is chosen or begun; then the invocation is timed-out. */
  readonly queueTimeoutUs: number;
  readonly footprint: Footprint;
}
