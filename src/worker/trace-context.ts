import type { HttpRequest } from "../real/guests/guest-request.js";

/** An invocation's place in a distributed trace: the headers of W3C Trace Context, level 1. */
export interface TraceContext {
  readonly traceparent: string;
  /** undefined: the caller sent none. */
  readonly tracestate: string | undefined;
}

/** Version, trace id, parent id, flags, and what a later version may add. */
const PARTS = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const NO_ID = /^0+$/;

/** undefined: there is not exactly one `traceparent`, or it is invalid and so must be ignored. */
export function traceContextOf({
  headers,
}: Pick<HttpRequest, "headers">): TraceContext | undefined {
  const [traceparent, ...more] = valuesOf("traceparent", headers);
  if (traceparent === undefined || more.length > 0 || !isValid(traceparent)) return undefined;
  // several headers of this name are one list
  const tracestate = valuesOf("tracestate", headers).join(",");
  return { traceparent, tracestate: tracestate === "" ? undefined : tracestate };
}

/** Variables of one invocation, with the names that OpenTelemetry gives them. */
export function traceVariables(trace: TraceContext | undefined): Readonly<Record<string, string>> {
  if (trace === undefined) return {};
  const { traceparent: TRACEPARENT, tracestate: TRACESTATE } = trace;
  return { TRACEPARENT, ...(TRACESTATE !== undefined && { TRACESTATE }) };
}

function valuesOf(wanted: string, headers: HttpRequest["headers"]): string[] {
  return headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}

function isValid(traceparent: string): boolean {
  const [, version, traceId, parentId, rest] = PARTS.exec(traceparent) ?? [];
  if (version === undefined || version === "ff") return false;
  if (NO_ID.test(traceId) || NO_ID.test(parentId)) return false;
  return rest === undefined || version !== "00";
}
