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

/** Begins to listen; the address as a text. Errors: InputError where the place cannot be had. */
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
    throw new InputError(`${name}: cannot be listened on (${code}): name another`);
  }
}

/** Removes the socket of a worker that was killed. Errors: InputError where it is anything else. */
async function clearSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new InputError(`--socket ${path}: cannot be looked at (${error.code})`);
  });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new InputError(`--socket ${path}: there is a file: name another`);
  if (await answers(path)) throw new InputError(`--socket ${path}: in use: name another`);
  await unlink(path);
}

async function answers(path: string): Promise<boolean> {
  const client = connect(path);
  try {
    await once(client, "connect");
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED") return false; // whoever listened is gone
    throw new InputError(`--socket ${path}: cannot be looked at (${code}): name another`);
  } finally {
    client.destroy();
  }
}
