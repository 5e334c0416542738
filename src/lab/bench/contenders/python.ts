import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Container } from "../../../real/guests/container.js";
import type { ContainerSpec, InvocationEnd } from "../../../real/guests/container-work.js";
import type { CreationEnd } from "../../../real/guests/creation-times.js";
import { requestWith } from "../../../real/guests/guest-request.js";
import { Zygote } from "../../../real/guests/zygote.js";
import { loadNative } from "../../../real/host/native.js";
import { compileBeside, findPython } from "../../../real/host/python.js";
import { DEFAULT_OPTIONS } from "../../../real/real-setup.js";
import { containerBase } from "../../../real/sandboxes/base-root.js";
import { Sandboxes } from "../../../real/sandboxes/sandboxes.js";
import { newInstanceId } from "../../../real/state/instance.js";
import { type Arena, type Contender, loadBy, type OpenContender } from "./contender.js";

const READY_SLOTS = 16;
const HANDLER = "def f(event):\n    return event\n";
const REQUEST = requestWith({ x: 1 });
const { makeTimeoutMs: TIMEOUT_MS } = DEFAULT_OPTIONS;
const DOES =
  "a container with the confinement of the lean one loads a Python handler, answers its first request, is killed, and is reaped";

export const zygoteContender: Contender = {
  name: "zygote",
  title: "Zygote fork, first answer",
  does: `${DOES}; it is forked from a Zygote without packages`,
  open: (arena) => openPython(arena, true),
};

export const freshPythonContender: Contender = {
  name: "fresh-python",
  title: "lean container with Python, first answer",
  does: `${DOES}; its interpreter is started cold`,
  open: (arena) => openPython(arena, false),
};

async function openPython(arena: Arena, isForked: boolean): Promise<OpenContender> {
  const folder = join(arena.folder, "state");
  const packages = join(folder, "packages");
  const code = join(folder, "function");
  mkdirSync(packages, { recursive: true });
  mkdirSync(code);
  writeFileSync(join(code, "f.py"), HANDLER);
  const python = findPython(arena.python);
  compileBeside(python, [join(code, "f.py")]);
  const options = { ...DEFAULT_OPTIONS, readySlots: READY_SLOTS };
  const source = containerBase(python, packages, undefined);
  const sandboxes = new Sandboxes(loadNative(), newInstanceId(), folder, source, options, () => {});
  const zygote = isForked ? await makeZygote(sandboxes) : undefined;
  const spec: ContainerSpec = { code, paths: [], modules: [] };
  return {
    version: null,
    load: (clients, durationUs) =>
      loadBy(() => runOnce(sandboxes, zygote, spec), clients, durationUs),
    close: async () => {
      if (zygote !== undefined) await new Promise<void>((done) => zygote.destroy(done));
      await sandboxes.close();
    },
  };
}

async function makeZygote(sandboxes: Sandboxes): Promise<Zygote> {
  const imports = { paths: [], modules: [] };
  let zygote!: Zygote;
  const made = await new Promise<CreationEnd>((resolve, reject) => {
    const refused = (why: string) => reject(new Error(`the Zygote ${why}`));
    zygote = new Zygote(sandboxes, undefined, imports, TIMEOUT_MS, resolve, refused);
  });
  if (made.status !== "ok") throw new Error(made.message);
  return zygote;
}

async function runOnce(
  sandboxes: Sandboxes,
  zygote: Zygote | undefined,
  spec: ContainerSpec,
): Promise<void> {
  const container = new Container(sandboxes);
  const made = await new Promise<CreationEnd>((resolve) => {
    const startedUs = sandboxes.poller.now();
    container.begin(zygote);
    container.assign(spec, startedUs, TIMEOUT_MS, resolve);
  });
  if (made.status !== "ok") throw new Error(made.message);
  const ran = await new Promise<InvocationEnd>((resolve) => {
    container.run(REQUEST, false, TIMEOUT_MS, resolve);
  });
  if (ran.status !== "ok") throw new Error(ran.message);
  await new Promise<void>((resolve) => container.destroy(resolve));
}
