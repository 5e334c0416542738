import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, METHODS, type Server } from "node:http";
import { join } from "node:path";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { InputError } from "../basics/errors.js";
import { InstallError } from "../real/packages/package-store.js";
import { isFunctionName } from "../real/state/function-folder.js";
import { drainBody, REFUSED_BODY } from "./drain-body.js";
import { FunctionLogs } from "./function-logs.js";
import type { FunctionStore } from "./function-store.js";
import { METRICS_TYPE, renderMetrics } from "./metrics.js";
import { RETRY_AFTER_SECONDS, refuse } from "./refusals.js";
import { RunRoute } from "./run-route.js";
import { stageUpload, type UploadLimits } from "./upload.js";
import type { WorkerEngine, WorkerStats } from "./worker.js";

export interface WorkerServerOptions {
  /** Folder where uploads are unpacked. */
  readonly staging: string;
  readonly uploads: UploadLimits;
  /** Longest event of an invocation. */
  readonly eventBytes: number;
  /** How many invocations may be accepted and not ended. A further one is answered with 429. */
  readonly pendingLimit: number;
  /** Longest time until a request has arrived completely. */
  readonly requestTimeoutMs: number;
  /**
   * Secret that clients of /registry, /logs and /debug must send as `Authorization: Bearer`; undefined:
   * every client may use them.
   */
  readonly token: string | undefined;
  /** Keeps uploads beyond the worker's life; absent: they end with it. */
  readonly store?: FunctionStore | undefined;
  /** Receives each server before it listens. Fastify makes one server per address. */
  onServer?(server: Server): void;
}

export const DEFAULT_EVENT_BYTES = 6 * 1024 ** 2;
export const DEFAULT_PENDING_LIMIT = 1024;
export const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/** Longest idle time of a connection: the default of fastify. */
const KEEP_ALIVE_MS = 72_000;

const WITH_BODY = { hasBody: true, overrideExisting: true };

type Named = { Params: { name: string } };
type Uploaded = Named & { Querystring: { requirements?: string } };

/** The worker's HTTP interface. It makes no decision about containers. */
export function workerServer(engine: WorkerEngine, options: WorkerServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: options.eventBytes,
    serverFactory: (handler) => {
      const { requestTimeoutMs: requestTimeout } = options;
      const server = createServer({ requestTimeout, keepAliveTimeout: KEEP_ALIVE_MS }, handler);
      options.onServer?.(server);
      return server;
    },
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
  });
  let uploads = 0;
  const logs = new FunctionLogs();
  // a function may get a body with any method
  for (const method of METHODS) app.addHttpMethod(method, WITH_BODY);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "no such path" }));

  const route = new RunRoute(engine, logs, options.pendingLimit);
  const run = (request: FastifyRequest, reply: FastifyReply) =>
    route.run((request.params as Named["Params"]).name, request, reply);
  app.all("/run/:name", run);
  app.all("/run/:name/*", run);

  const guarded = { onRequest: authorise(options.token) };
  app.get("/registry", guarded, () => engine.list());
  app.get<Named>("/registry/:name", guarded, (request, reply) => {
    const found = engine.find(request.params.name);
    return found ?? refuse(reply, 404, `no function ${request.params.name}`);
  });
  app.route<Uploaded>({
    method: ["PUT", "POST"], // OpenLambda's clients send POST
    url: "/registry/:name",
    ...guarded,
    bodyLimit: options.uploads.uploadBytes,
    handler: async (request, reply) => {
      const { name } = request.params;
      if (!isFunctionName(name)) {
        return refuse(
          reply,
          400,
          "a function's name may only contain letters, digits, dots, - and _",
        );
      }
      const folder = join(options.staging, `upload.${uploads++}`);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { requirements } = request.query;
      if (Array.isArray(requirements)) {
        return refuse(reply, 400, "requirements is given twice: separate packages by commas");
      }
      const upload = await stageUpload(name, body, requirements, folder, options.uploads);
      const registered = await engine.register(upload);
      await options.store?.keep({ name, body, requirements });
      await options.store?.keepLock(name, registered);
      return reply.code(201).send(registered);
    },
  });
  app.delete<Named>("/registry/:name", guarded, async (request, reply) => {
    const { name } = request.params;
    if (engine.find(name) === undefined) return refuse(reply, 404, `no function ${name}`);
    await engine.remove(name);
    await options.store?.drop(name);
    logs.drop(name);
    return reply.code(204).send();
  });

  app.get<Named>("/logs/:name", guarded, (request, reply) => {
    const { name } = request.params;
    return engine.find(name) ? logs.of(name) : refuse(reply, 404, `no function ${name}`);
  });

  app.get("/healthz", () => ({ status: "ok" }));
  app.get("/status", () => ({ status: "ready" }));
  const stats = () => withRefused(engine.stats(), route.refused);
  app.get("/stats", stats);
  app.get("/metrics", async (_request, reply) =>
    reply.type(METRICS_TYPE).send(await renderMetrics(stats())),
  );
  app.get("/debug/zygotes", guarded, () => engine.zygotes());
  return app;
}

/** Adds invocations that were refused before the engine saw them: it counts its own in this way. */
function withRefused(stats: WorkerStats, refused: number): WorkerStats {
  const { outcomes, tiers } = stats;
  const handler = { ...tiers.handler, misses: tiers.handler.misses + refused };
  return {
    ...stats,
    outcomes: { ...outcomes, rejected: outcomes.rejected + refused },
    tiers: { ...tiers, handler },
  };
}

/** Compares hashes, so that the time of the comparison reveals nothing about the secret. */
function authorise(token: string | undefined) {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const expected = hash(`Bearer ${token}`);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (token === undefined) return undefined;
    const given = hash(request.headers.authorization ?? "");
    if (timingSafeEqual(given, expected)) return undefined;
    return refuse(reply.header("www-authenticate", "Bearer"), 401, "the worker's token is missing");
  };
}

async function answerError(
  error: unknown,
  { raw }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (error instanceof InputError) return refuse(reply, 400, error.message);
  if (error instanceof InstallError) return answerNotInstalled(error, reply);
  const { statusCode, message, code } = error as NodeJS.ErrnoException & { statusCode?: number };
  if (code === "ENOSPC" || code === "EDQUOT") {
    return refuse(reply, 507, "no space left on the disk of the worker's state folder");
  }
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") await drainBody(raw, REFUSED_BODY);
  return refuse(reply, statusCode ?? 500, message ?? "broken invariant");
}

/**
 * The client is at fault only if the installer refused the requirement. After any other failure a
 * later attempt may succeed.
 */
function answerNotInstalled({ reason, message }: InstallError, reply: FastifyReply): FastifyReply {
  if (reason === "failed") return refuse(reply, 422, message);
  if (reason === "no-space") return refuse(reply, 507, message);
  return refuse(reply.header("retry-after", RETRY_AFTER_SECONDS), 503, message);
}
