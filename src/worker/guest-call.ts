import { randomUUID } from "node:crypto";
import { BYTES_PER_MIB, US_PER_MS } from "../basics/units.js";
import type { GuestRequest } from "../real/guests/guest-request.js";
import { DEFAULT_OPTIONS, type RealOptions } from "../real/real-setup.js";
import { traceContextOf, traceVariables } from "./trace-context.js";
import type { Call } from "./worker.js";

/** What a container is sent for a call; AWS's context shows the name, an id and the limits. */
export function guestRequest(
  name: string,
  call: Call,
  { containerLimits, runTimeoutMs }: Partial<RealOptions>,
): GuestRequest {
  const { memoryBytes } = containerLimits ?? DEFAULT_OPTIONS.containerLimits;
  const memoryMib = Math.round(memoryBytes / BYTES_PER_MIB);
  const timeoutUs = (runTimeoutMs ?? DEFAULT_OPTIONS.runTimeoutMs) * US_PER_MS;
  const env = call.http === undefined ? {} : traceVariables(traceContextOf(call.http));
  const line = JSON.stringify({ env, call: [name, randomUUID(), memoryMib, timeoutUs] });
  return { ...call, line };
}
