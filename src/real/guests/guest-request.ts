import type { HttpHead } from "./messages.js";

/** A request of HTTP, as a web application sees it. */
export interface HttpRequest {
  readonly method: string;
  /** The part of the path that names the application: `/run/NAME`. */
  readonly root: string;
  /** The path after `root`, decoded; each character stands for one byte, as in PEP 3333. */
  readonly path: string;
  /** The whole path as it was sent. */
  readonly rawPath: string;
  /** What follows the question mark, not decoded. */
  readonly query: string;
  /** In their order, with the spelling of the client. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `1.1` or `1.0`. */
  readonly version: string;
  /** Host and port that the client asked for. */
  readonly host: string;
  readonly client: readonly [address: string, port: number];
}

/** The next piece of an answer that is sent as it comes. */
export interface AnswerPiece {
  /** With the first piece only. */
  readonly head: HttpHead | undefined;
  readonly bytes: Buffer;
  /** Must be called once: the function sends its next piece afterwards, or none if it is not wanted. */
  done(isWanted: boolean): void;
}

/** What a container is sent for one invocation. */
export interface GuestRequest {
  /** A JSON object: `env`, the variables of this invocation, and perhaps `call`, for the context. */
  readonly line: string;
  /** The event as JSON, or the body for a web application. The bytes are the client's. */
  readonly body: Uint8Array;
  /** Web applications need it. */
  readonly http?: HttpRequest;
  /** Absent: pieces of an answer are dropped. */
  readonly onPiece?: (piece: AnswerPiece) => void;
}

/** A request with an event, and with no variables. */
export function requestWith(event: unknown): GuestRequest {
  return { line: '{"env":{}}', body: Buffer.from(JSON.stringify(event)) };
}
