import type { FastifyReply } from "fastify";

export const RETRY_AFTER_SECONDS = "1";

export function refuse(reply: FastifyReply, code: number, error: string): FastifyReply {
  return reply.code(code).send({ error });
}

export function tooMany(reply: FastifyReply, error: string): FastifyReply {
  return refuse(reply.header("retry-after", RETRY_AFTER_SECONDS), 429, error);
}
