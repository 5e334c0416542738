import type { FastifyReply, FastifyRequest } from "fastify";
import { US_PER_MS } from "../basics/units.js";
import type { AnswerPiece, HttpRequest } from "../real/guests/guest-request.js";
import type { HttpHead } from "../real/guests/messages.js";
import { type FunctionLogs, logTail } from "./function-logs.js";
import { RETRY_AFTER_SECONDS, refuse, tooMany } from "./refusals.js";
import { traceContextOf } from "./trace-context.js";
import type { InvocationResult, WorkerEngine } from "./worker.js";

const STATUS_OF: Readonly<Record<InvocationResult["outcome"], number>> = {
  completed: 200,
  failed: 500,
  "timed-out": 504,
  rejected: 429,
  stopping: 503,
  broken: 500,
};
const BAD_EVENT_STATUS = 400;
/** A request with this header and the value `tail` gets the end of its output in a header. */
const LOG_RESULT = "x-socklab-log-result";
/** Headers about the connection, which is the worker's. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);
/** Statuses whose answers never have a body: no content, not modified. */
const WITHOUT_BODY: readonly number[] = [204, 304];
const NO_BODY = Buffer.alloc(0);

/** The requests to run functions: `/run/NAME`, with any method, sub-path and query. */
export class RunRoute {
  readonly #engine: WorkerEngine;
  readonly #logs: FunctionLogs;
  readonly #pendingLimit: number;
  #pending = 0;
  #refused = 0;

  constructor(engine: WorkerEngine, logs: FunctionLogs, pendingLimit: number) {
    this.#engine = engine;
    this.#logs = logs;
    this.#pendingLimit = pendingLimit;
  }

  /** How many invocations the engine never saw, because too many waited. */
  get refused(): number {
    return this.#refused;
  }

  async run(name: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const found = this.#engine.find(name);
    if (found === undefined) return refuse(reply, 404, `no function ${name}`);
    const { methods } = found;
    if (methods !== undefined && !methods.includes(request.method)) {
      const allowed = methods.join(", ");
      return refuse(reply.header("allow", allowed), 405, `${name} takes ${allowed} only`);
    }
    if (this.#pending >= this.#pendingLimit) {
      this.#refused++;
      return tooMany(reply, `${this.#pending} invocations wait`);
    }
    this.#pending++;
    try {
      const pieces = new PieceWriter(reply);
      const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
      const http = httpOf(name, request);
      const onPiece = (piece: AnswerPiece) => pieces.write(piece);
      const invoked = await this.#engine.invoke(name, { body, http, onPiece });
      this.#logs.add(name, new Date().toISOString(), invoked, traceContextOf(http)?.traceparent);
      if (pieces.hasBegun) return pieces.end(invoked.outcome === "completed");
      if (request.headers[LOG_RESULT] === "tail") reply.header(LOG_RESULT, logTail(invoked));
      return answer(invoked, reply);
    } finally {
      this.#pending--;
    }
  }
}

/** A request as a web application sees it. */
export function httpOf(name: string, { raw, ip, socket }: FastifyRequest): HttpRequest {
  const { method = "GET", url = "/", rawHeaders, httpVersion, headers } = raw;
  const queryAt = url.indexOf("?");
  const rawPath = queryAt < 0 ? url : url.slice(0, queryAt);
  const below = rawPath.split("/").slice(3).join("/");
  return {
    method,
    root: `/run/${name}`,
    path: `/${below.replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))}`,
    rawPath,
    query: queryAt < 0 ? "" : url.slice(queryAt + 1),
    headers: pairsOf(rawHeaders),
    version: httpVersion,
    host: headers.host ?? "localhost",
    client: [ip ?? "127.0.0.1", socket.remotePort ?? 0],
  };
}

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i], raw[i + 1]]);
  return pairs;
}

/** Writes an answer that comes in pieces, each when the client has taken the one before. */
class PieceWriter {
  readonly #reply: FastifyReply;
  #hasBegun = false;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  write({ head, bytes, done }: AnswerPiece): void {
    const { raw } = this.#reply;
    if (head !== undefined) {
      this.#hasBegun = true;
      this.#reply.hijack();
      raw.writeHead(head.status, headersOf(head, true));
    }
    const left = () => done(false);
    if (raw.destroyed) {
      left();
      return;
    }
    raw.once("close", left);
    raw.write(bytes, (error) => {
      raw.off("close", left);
      done(error === undefined || error === null);
    });
  }

  /** An answer that is not complete is cut off, so that the client notices. */
  end(isComplete: boolean): FastifyReply {
    if (isComplete) this.#reply.raw.end();
    else this.#reply.raw.destroy();
    return this.#reply;
  }
}

function answer(invoked: InvocationResult, reply: FastifyReply): FastifyReply {
  const { outcome, start, message, isBadEvent, http, queueUs, provisionUs, runUs } = invoked;
  const phases = Object.entries({ queue: queueUs, provision: provisionUs, run: runUs });
  const timing = phases.map(([name, us]) => `${name};dur=${us / US_PER_MS}`).join(", ");
  reply.header("server-timing", timing);
  if (start !== undefined) reply.header("x-socklab-start", start);
  if (outcome === "completed" && http !== undefined) return answerHttp(http, invoked, reply);
  reply
    .code(isBadEvent ? BAD_EVENT_STATUS : STATUS_OF[outcome])
    .type("application/json; charset=utf-8");
  if (outcome === "rejected" || outcome === "stopping") {
    reply.header("retry-after", RETRY_AFTER_SECONDS);
  }
  if (outcome === "completed") return reply.send(invoked.answer ?? NO_BODY);
  const { stdout, stderr, traceback } = invoked;
  const where = traceback === "" ? {} : { traceback };
  return reply.send(JSON.stringify({ outcome, error: message, ...where, stdout, stderr }));
}

/** The status, headers and body are the function's. Fastify would add headers to them. */
function answerHttp(
  http: HttpHead,
  { answer: body = NO_BODY }: InvocationResult,
  reply: FastifyReply,
): FastifyReply {
  const own = reply.getHeaders() as Record<string, string>;
  reply.hijack();
  const hasBody = reply.request.method !== "HEAD" && !WITHOUT_BODY.includes(http.status);
  const length = hasBody ? { "content-length": String(body.length) } : {};
  reply.raw.writeHead(http.status, { ...own, ...headersOf(http, !hasBody), ...length }).end(body);
  return reply;
}

/** For Node: a header that is there several times is an array. */
function headersOf({ headers }: HttpHead, keepsLength: boolean): Record<string, string[]> {
  const all: Record<string, string[]> = Object.create(null);
  for (const [spelled, value] of headers) {
    const name = spelled.toLowerCase();
    if (OF_CONNECTION.has(name) || (name === "content-length" && !keepsLength)) continue;
    all[name] ??= [];
    all[name].push(value);
  }
  return all;
}
