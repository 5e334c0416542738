import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import { makeFolder } from "../../basics/make-folder.js";
import { isAlive, ownIdentity, type ProcessIdentity } from "./process-identity.js";

export const DEFAULT_STATE_FOLDER = "/run/socklab";
const LOCK_SCHEMA = "socklab.lock/1";

/** Where an instance keeps its files. Every path is below `root`. */
export interface StateLayout {
  readonly root: string;
  /** Names the instance that owns the folder. */
  readonly lock: string;
  /** `<name==version>/site-packages` and `<name==version>/meta.json`; containers see it as /packages. */
  readonly packages: string;
  /** `<function>/f.py` and the files next to it. */
  readonly functions: string;
  /** Packages that are being installed. After a start, no content of this folder is trusted. */
  readonly staging: string;
  /** Folders that were moved out of their place and are being removed. */
  readonly trash: string;
  /** Roots and scratch folders of containers, and their sockets. All mounts are below it. */
  readonly containers: string;
}

export function stateLayout(folder: string): StateLayout {
  const root = resolve(folder);
  const below = (name: string): string => join(root, name);
  return {
    root,
    lock: below("lock"),
    packages: below("packages"),
    functions: below("functions"),
    staging: below("staging"),
    trash: below("trash"),
    containers: below("containers"),
  };
}

const lockShape = z.object({
  schema: z.literal(LOCK_SCHEMA),
  instance: z.string().regex(/^\d+-\d+-\d+$/),
  pid: z.int().positive(),
  startTicks: z.int().nonnegative(),
  stateFolder: z.string(),
});
/** What a lock file says about the instance that owns a state folder. */
export type InstanceLock = z.infer<typeof lockShape>;

let instancesOfThisProcess = 0;

/** no other process since the start of the machine has this id. */
export function newInstanceId({ pid, startTicks }: ProcessIdentity = ownIdentity()): string {
  return `${pid}-${startTicks}-${instancesOfThisProcess++}`;
}

/**
 * The owner of a state folder; undefined: it has no owner. Errors: InputError if the file is not a
 * lock of socklab.
 */
export function readLock({ lock }: StateLayout): InstanceLock | undefined {
  let text: string;
  try {
    text = readFileSync(lock, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return lockShape.parse(JSON.parse(text));
  } catch {
    throw new InputError(
      `${lock}: not a lock of socklab, expected ${LOCK_SCHEMA}: name another --state folder`,
    );
  }
}

/**
 * Makes this instance the owner of a state folder. What a dead owner left must have been cleaned up
 * first (leftovers.ts). The lock appears whole or not at all (link(2)).
 *
 * Errors: InputError if another live process owns the folder.
 */
export function takeState(layout: StateLayout, instance: string): void {
  makeFolder(layout.root, "--state");
  const unfinished = `${layout.lock}.${instance}`;
  const mine: InstanceLock = {
    schema: LOCK_SCHEMA,
    instance,
    ...ownIdentity(),
    stateFolder: layout.root,
  };
  writeFileSync(unfinished, `${JSON.stringify(mine)}\n`, { mode: 0o644 });
  try {
    linkSync(unfinished, layout.lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    refuseTaken(layout);
    throw new InputError(`${layout.root}: what a dead instance left must be cleaned up first`);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Errors: InputError if a live process owns the folder. */
export function refuseTaken(layout: StateLayout): void {
  const owner = readLock(layout);
  if (owner === undefined || !isAlive(owner)) return;
  throw new InputError(
    `${layout.root}: in use by process ${owner.pid}: stop it, or name another --state folder`,
  );
}

/**
 * Removes a dead owner's lock. If another process takes the folder meanwhile, that process gets its
 * lock back.
 */
export function dropLock(layout: StateLayout, owner: InstanceLock): void {
  const aside = `${layout.lock}.${owner.instance}.dropped`;
  try {
    renameSync(layout.lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const dropped = lockShape.parse(JSON.parse(readFileSync(aside, "utf8")));
  if (dropped.instance !== owner.instance) linkSync(aside, layout.lock);
  rmSync(aside);
}
