import { once } from "node:events";
import { chmod, lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import type { FastifyInstance } from "fastify";
import { InputError } from "../basics/errors.js";

/** Where a server listens: a TCP port, or a Unix socket that only its owner may connect to. */
export type ListenPlace =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

const OWNER_ONLY = 0o600;

/**
 * Begins to listen, and returns the address as a text. Errors: InputError if the server cannot
 * listen there.
 */
export async function listen(server: FastifyInstance, place: ListenPlace): Promise<string> {
  const name = "path" in place ? `--socket ${place.path}` : `${place.host}:${place.port}`;
  if ("path" in place) await clearSocket(place.path);
  try {
    const address = await server.listen({ ...place });
    if ("path" in place) await chmod(place.path, OWNER_ONLY);
    return address;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new InputError(`${name}: cannot be listened on (${code}): name another address`);
  }
}

/** Removes the socket that a killed worker left. Errors: InputError if it is anything else. */
async function clearSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new InputError(`--socket ${path}: cannot be examined (${error.code}): name another path`);
  });
  if (stats === undefined) return;
  if (!stats.isSocket())
    throw new InputError(`--socket ${path}: there is a file: name another path`);
  if (await answers(path)) throw new InputError(`--socket ${path}: in use: name another path`);
  await unlink(path);
}

async function answers(path: string): Promise<boolean> {
  const client = connect(path);
  try {
    await once(client, "connect");
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED") return false; // no process listens any more
    throw new InputError(`--socket ${path}: cannot be examined (${code}): name another path`);
  } finally {
    client.destroy();
  }
}
