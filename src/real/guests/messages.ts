/** What a function's code has said, for its owner. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
  /** Python's traceback of an exception; empty if there was none. */
  readonly traceback: string;
}

/** A message that a container sends. */
export interface GuestMessage {
  readonly compiled?: unknown;
  readonly uncompilable?: unknown;
  /** With `compiled`: modules that the code names, and whether further ones may be learned. */
  readonly imports?: unknown;
  readonly learns?: unknown;
  /** Modules that the first call has imported. */
  readonly seen?: unknown;
  readonly ready?: boolean;
  readonly warm?: boolean;
  readonly failed?: string;
  readonly us?: readonly number[];
  readonly outcome?: string;
  readonly error?: string;
  readonly answer?: unknown;
  readonly traceback?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Number of stamps in a `ready` frame and in a reply. */
const READY_STAMPS = 4;
const REPLY_STAMPS = 2;

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
