import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Container } from "./containers.js";
import { HANDLER_FILE } from "./handlers.js";
import type { Machine } from "./machine.js";

const TIMEOUT_MS = 60_000;

/**
 * Puts the compiled form beside a folder's handler, in place of one that came with it, so that no
 * container of the function has to compile. It is compiled in a container of its own, and nothing of it
 * is run. A handler that does not compile stays alone: its containers report why.
 */
export async function compileHandler(machine: Machine, folder: string): Promise<void> {
  const target = join(folder, `${HANDLER_FILE}c`);
  await rm(target, { recursive: true, force: true });
  const container = new Container(machine);
  container.begin(undefined);
  const bytes = await new Promise<Buffer | undefined>((resolve) =>
    container.compile(folder, TIMEOUT_MS, resolve),
  );
  await new Promise<void>((resolve) => container.destroy(resolve));
  if (bytes !== undefined) await writeFile(target, bytes, { mode: 0o644 });
}
