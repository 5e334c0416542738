import { randomUUID } from "node:crypto";
import { BYTES_PER_MIB, US_PER_MS } from "../basics/units.js";
import { DEFAULT_OPTIONS, type RealOptions } from "../real/real-setup.js";

/** What a container gets for one invocation: the event, and what AWS's context says of the call. */
export function requestFrame(
  name: string,
  event: unknown,
  { containerLimits, runTimeoutMs }: Partial<RealOptions>,
): string {
  const { memoryBytes } = containerLimits ?? DEFAULT_OPTIONS.containerLimits;
  const memoryMib = Math.round(memoryBytes / BYTES_PER_MIB);
  const timeoutUs = (runTimeoutMs ?? DEFAULT_OPTIONS.runTimeoutMs) * US_PER_MS;
  return JSON.stringify({ event, env: {}, call: [name, randomUUID(), memoryMib, timeoutUs] });
}
