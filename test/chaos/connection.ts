import { connect, type Socket } from "node:net";
import { assert } from "../../src/basics/errors.js";

/**
 * The outcome of one request. `lost`: the connection ended or the bound passed without an answer.
 * `refused`: the request was not sent.
 */
export type Reply =
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "lost"; readonly why: string }
  | { readonly kind: "refused" };

export interface Asked {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body: string;
}

/** Whether connections to a port of this machine are accepted. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (isOpen: boolean) => () => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once("connect", end(true)).once("error", end(false));
  });
}

const HEAD_END = "\r\n\r\n";

/**
 * One keep-alive HTTP/1.1 connection, with one request at a time. It reads the bytes itself,
 * because an HTTP library drops bytes after an answer, and these tests look for a second answer to
 * one request.
 */
export class Connection {
  readonly #answerBoundMs: number;
  readonly #onSurplus: () => void;
  #port = -1;
  #socket: Socket | undefined;
  #received = Buffer.alloc(0);
  #settle: ((reply: Reply) => void) | undefined;

  /** `onSurplus` is called when bytes arrive that belong to no request. */
  constructor(answerBoundMs: number, onSurplus: () => void) {
    this.#answerBoundMs = answerBoundMs;
    this.#onSurplus = onSurplus;
  }

  async ask(port: number, { method, path, body }: Asked): Promise<Reply> {
    assert(this.#settle === undefined, "a connection has one request at a time");
    if (port !== this.#port) this.close();
    this.#port = port;
    this.#socket ??= await this.#open(port);
    const socket = this.#socket;
    if (socket === undefined) return { kind: "refused" };
    const length = Buffer.byteLength(body);
    const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${length}`;
    return new Promise((resolve) => {
      const why = `no answer after ${this.#answerBoundMs} ms`;
      const timer = setTimeout(() => this.#lose(why), this.#answerBoundMs);
      this.#settle = (reply) => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(reply);
      };
      socket.write(`${head}${HEAD_END}${body}`);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
  }

  /** Connects to a port; undefined: no process listens there. */
  #open(port: number): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.setNoDelay(true);
      socket.once("connect", () => resolve(socket));
      socket.on("error", () => resolve(undefined)); // "close" reports the end of the connection
      socket.on("data", (chunk) => this.#heard(chunk));
      socket.on("close", () => {
        if (this.#socket === socket) this.#lose("the connection ended");
      });
    });
  }

  #lose(why: string): void {
    this.close();
    this.#settle?.({ kind: "lost", why });
  }

  #heard(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    if (this.#settle !== undefined) {
      const taken = takeAnswer(this.#received);
      if (taken === undefined) return;
      this.#received = this.#received.subarray(taken.bytes);
      this.#settle(taken.reply);
    }
    if (this.#received.length === 0) return;
    this.#onSurplus();
    this.close();
  }
}

/** The first answer in these bytes, and its length; undefined: the answer is not complete yet. */
function takeAnswer(received: Buffer): { reply: Reply; bytes: number } | undefined {
  const end = received.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = received.toString("latin1", 0, end);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
  const length = /^content-length: *(\d+)\r?$/im.exec(head)?.[1];
  const begin = end + HEAD_END.length;
  if (status === undefined || length === undefined) {
    return { reply: { kind: "lost", why: `no HTTP answer: ${head}` }, bytes: received.length };
  }
  const bytes = begin + Number(length);
  if (received.length < bytes) return undefined;
  const body = received.toString("utf8", begin, bytes);
  return { reply: { kind: "answered", status: Number(status), body }, bytes };
}
