import { validateHeaderName, validateHeaderValue } from "node:http";

/** What a function's code has said, for its owner. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  /** Python's traceback of an exception; empty if there was none. */
  readonly traceback: string;
}

/** Status and headers of an answer. Headers with one name may be there several times. */
export interface HttpHead {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The line of a message that a container sends. */
export interface GuestMessage {
  readonly compiled?: unknown;
  readonly uncompilable?: unknown;
  /** With `compiled`: modules that the code names, and whether further ones may be learned. */
  readonly imports?: unknown;
  readonly learns?: unknown;
  /** Modules that the first call has imported. */
  readonly seen?: unknown;
  readonly ready?: boolean;
  /** With `ready`: the function is a web application. */
  readonly application?: boolean;
  readonly warm?: boolean;
  readonly failed?: string;
  readonly us?: readonly number[];
  readonly outcome?: string;
  readonly error?: string;
  /** The message's body is the next piece of an answer. */
  readonly piece?: boolean;
  /** Absent in a reply: the body is a JSON value. The first piece has it. */
  readonly http?: HttpHead;
  readonly traceback?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Number of stamps in a `ready` frame and in a reply. */
const READY_STAMPS = 4;
const REPLY_STAMPS = 2;

const LEAST_STATUS = 200;
const MOST_STATUS = 999;

/** A guest's message; undefined if the text is not one: a guest may send anything. */
export function parseGuestMessage(text: string): GuestMessage | undefined {
  let frame: GuestMessage;
  try {
    frame = JSON.parse(text) as GuestMessage;
  } catch {
    return undefined; // the caller reports it
  }
  if (typeof frame !== "object" || frame === null) return undefined;
  const stamps = frame.ready === true ? READY_STAMPS : REPLY_STAMPS;
  if (frame.ready === true || frame.outcome !== undefined) {
    if (!Array.isArray(frame.us) || frame.us.length !== stamps) return undefined;
    if (!frame.us.every(Number.isSafeInteger)) return undefined;
  }
  return frame;
}

/** Whether a message only carries lines that the function has printed. */
export function isOutput({ failed, stdout, stderr }: GuestMessage): boolean {
  return failed === undefined && (typeof stdout === "string" || typeof stderr === "string");
}

/** Why an answer cannot have this status and these headers; undefined: it can. */
export function faultOf(http: HttpHead): string | undefined {
  const { status, headers } = http;
  if (!Number.isSafeInteger(status) || status < LEAST_STATUS || status > MOST_STATUS) {
    return `the answer has the status ${JSON.stringify(status)}`;
  }
  if (!Array.isArray(headers)) return "the answer has no list of headers";
  try {
    for (const [name, value] of headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  } catch (error) {
    return `the answer has a header that HTTP does not allow: ${(error as Error).message}`;
  }
  return undefined;
}
