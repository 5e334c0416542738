import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { InputError } from "../../basics/errors.js";
import { INSTALL_UID } from "../../real/host/guest-users.js";
import { findPackageTool } from "../../real/packages/find-python.js";
import { InstallError } from "../../real/packages/package-store.js";
import type { CheckWorkerSetup } from "./check-worker.js";
import { type Answer, differenceOf } from "./compare-answers.js";
import { startInEveryWay, WAYS, type Way, type WayEnd } from "./kinds-of-start.js";
import { PlainPython, withoutPlaces } from "./plain-python.js";
import { type CheckedSet, handlerOf } from "./requirement-sets.js";

/** The verdict about one way of starting. */
export interface WayVerdict {
  readonly isSame: boolean;
  /** How it started instead; empty: as it should. */
  readonly otherStart: string;
  /** Why it is not the same; empty if it is. */
  readonly difference: string;
}

/** The verdict about one set. */
export interface SetVerdict {
  readonly name: string;
  readonly packages: readonly string[];
  /** Empty if the set could not be registered. */
  readonly ways: ReadonlyMap<Way, WayVerdict>;
  readonly isSame: boolean;
  /** What plain Python answers, as JSON, or why there is no answer. */
  readonly plain: string;
  /** Why nothing was run; empty if it was. */
  readonly refusal: string;
}

export interface CheckWatch {
  /** Asked before each set: true ends the check. */
  isStopped(): boolean;
  /** Called with each verdict, and its number from 1. */
  onVerdict(verdict: SetVerdict, at: number): void;
}

/** How many plain processes show which parts of an answer differ from process to process. */
const PLAIN_PROCESSES = 2;

/** Checks sets one after the other. Errors: InputError if the state folder exists, MachineError. */
export async function checkSets(
  setup: CheckWorkerSetup,
  sets: readonly CheckedSet[],
  { isStopped, onVerdict }: CheckWatch,
): Promise<readonly SetVerdict[]> {
  if (existsSync(setup.folder)) {
    throw new InputError(`--state ${setup.folder}: exists, expected a folder to create`);
  }
  const verdicts: SetVerdict[] = [];
  for (const set of sets) {
    if (isStopped()) break;
    verdicts.push(await checkSet(setup, set));
    onVerdict(verdicts.at(-1)!, verdicts.length);
  }
  return verdicts;
}

/**
 * Runs a set in plain Python, and in a worker in every way of starting, and compares the answers.
 * Nothing of the set stays on disk.
 */
async function checkSet(setup: CheckWorkerSetup, set: CheckedSet): Promise<SetVerdict> {
  const tool = await findPackageTool(setup.python, INSTALL_UID);
  const plain = new PlainPython(join(setup.folder, "plain"), tool, setup.index);
  try {
    const upload = archiveOf(set);
    const { installed, ends } = await startInEveryWay(setup, upload);
    const fault = await plain.install(installed, true, handlerOf(set));
    if (fault !== undefined) return refused(set, installed, false, `plain Python: ${fault}`);
    const processes: (readonly Answer[])[] = [];
    while (processes.length < PLAIN_PROCESSES) processes.push(await plain.call());
    return compareAll(set, installed, processes, ends);
  } catch (error) {
    if (!(error instanceof InstallError || error instanceof InputError)) throw error;
    const fault = await plain.install(set.requirements, false, handlerOf(set));
    return refused(set, [], fault !== undefined, error.message);
  } finally {
    await rm(setup.folder, { recursive: true, force: true });
  }
}

function compareAll(
  { name }: CheckedSet,
  packages: readonly string[],
  processes: readonly (readonly Answer[])[],
  ends: ReadonlyMap<Way, WayEnd>,
): SetVerdict {
  const ways = new Map<Way, WayVerdict>();
  for (const way of WAYS) {
    const { answer, call, otherStart = "" } = ends.get(way)!;
    const plain = processes.map((answers) => withoutPlaces(answers[call]));
    const difference = differenceOf(plain, withoutPlaces(answer)) ?? "";
    ways.set(way, { isSame: difference === "", otherStart, difference });
  }
  const isSame = [...ways.values()].every((each) => each.isSame);
  const plain = JSON.stringify(processes[0][0]);
  return { name, packages, ways, isSame, plain, refusal: "" };
}

function refused(
  { name }: CheckedSet,
  packages: readonly string[],
  isSame: boolean,
  refusal: string,
): SetVerdict {
  return { name, packages, ways: new Map(), isSame, plain: "not installed", refusal };
}

/** The set as an upload: a tar.gz with f.py and requirements.txt. */
function archiveOf(set: CheckedSet): Buffer {
  const files = { "f.py": handlerOf(set), "requirements.txt": `${set.requirements.join("\n")}\n` };
  const parts = Object.entries(files).flatMap(([path, text]) => entryOf(path, Buffer.from(text)));
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_BYTES)]));
}

const BLOCK_BYTES = 512;

function entryOf(path: string, data: Buffer): readonly Buffer[] {
  const header = new Header({ path, size: data.length, mode: 0o644, type: "File" });
  const block = Buffer.alloc(BLOCK_BYTES);
  header.encode(block, 0);
  const padding = (BLOCK_BYTES - (data.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return [block, data, Buffer.alloc(padding)];
}
