import { expect, test } from "vitest";
import { guestRequest } from "../../src/worker/guest-call.js";
import { traceContextOf, traceVariables } from "../../src/worker/trace-context.js";

type Headers = readonly (readonly [string, string])[];

const contextOf = (...headers: Headers) => traceContextOf({ headers });
/** The example of the standard. */
const EXAMPLE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("the standard's example is taken, in any spelling of the header's name", () => {
  expect(contextOf(["TraceParent", EXAMPLE])?.traceparent).toBe(EXAMPLE);
});

test("what the standard calls invalid is ignored", () => {
  const zeros = (count: number) => "0".repeat(count);
  for (const invalid of [
    "",
    EXAMPLE.toUpperCase(), // hex digits are lower case
    EXAMPLE.replace("00-", "ff-"), // version ff is forbidden
    `00-${zeros(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${zeros(16)}-01`,
    EXAMPLE.slice(0, -1),
    `${EXAMPLE}-more`, // version 00 has four parts
    `${EXAMPLE},${EXAMPLE}`,
  ]) {
    expect(contextOf(["traceparent", invalid]), invalid).toBeUndefined();
  }
  expect(contextOf(["traceparent", EXAMPLE], ["traceparent", EXAMPLE])).toBeUndefined();
});

test("a later version may have more parts", () => {
  const later = `${EXAMPLE.replace("00-", "cc-")}-what-the-future-holds`;
  expect(contextOf(["traceparent", later])?.traceparent).toBe(later);
});

test("several tracestate headers are one list, and none counts without a valid traceparent", () => {
  const states: Headers = [
    ["tracestate", "a=1"],
    ["tracestate", "b=2"],
  ];
  const context = contextOf(["traceparent", EXAMPLE], ...states);
  expect(traceVariables(context)).toEqual({ TRACEPARENT: EXAMPLE, TRACESTATE: "a=1,b=2" });
  expect(traceVariables(contextOf(...states))).toEqual({});
});

test("a container is sent the variables with the invocation that they belong to", () => {
  const http = {
    ...{ method: "POST", root: "/run/fn", path: "/", rawPath: "/run/fn", query: "" },
    ...{ version: "1.1", host: "localhost", client: ["127.0.0.1", 1] as const },
    headers: [["traceparent", EXAMPLE]] as const,
  };
  const call = { body: Buffer.alloc(0), http };
  expect(JSON.parse(guestRequest("fn", call, {}).line).env).toEqual({ TRACEPARENT: EXAMPLE });
});
