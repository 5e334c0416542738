import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, MachineError } from "../../../basics/errors.js";
import { NONE } from "../../../basics/none.js";
import { INSTALL_UID } from "../../../real/host/guest-users.js";
import { runProgram } from "../../../real/host/run-program.js";
import { findPackageTool } from "../../../real/packages/find-python.js";
import { FILES_FOLDER } from "../../../real/packages/package-metadata.js";
import { type PackageIndex, parseIndex } from "../../../real/packages/package-tool.js";
import type { Measurement } from "../../../results/bench-result.js";
import type { Bench, BenchContext, BenchOutcome } from "../bench.js";
import { choose } from "../choose.js";
import { Absent } from "../contenders/contender.js";
import { BenchFindings } from "../findings.js";
import { downloadWheels, type InstalledPackages, installWheels } from "../installed-packages.js";
import { type Rig, withRig } from "../rig.js";
import { DockerHandlers } from "./docker.js";
import {
  BUCKET,
  IMAGE,
  IMAGE_PACKAGES,
  type ImageAnswer,
  imageHandler,
  MAKE_IMAGE,
} from "./handler.js";
import { addParts, type ColdStart, compareParts, type Starter, wholeOf } from "./parts.js";
import { type S3Store, STORE_PACKAGE, startS3Store } from "./s3-store.js";

/** A way to start a new handler. */
interface ImageContender extends Starter {
  /** The Zygote to fork from, NONE for a cold start; undefined: not one of our containers. */
  parent(zygotes: Zygotes): number | undefined;
}

interface Zygotes {
  readonly root: number;
  readonly packages: number;
  readonly modules: number;
}

const BEST = "modules";
const DOCKER = "docker";
const COLD = "a handler that has never run, in a new container, until it has answered: ";
const CONTENDERS: readonly ImageContender[] = [
  {
    name: BEST,
    title: "Zygote with all modules of an earlier run",
    does: `${COLD}forked from a Zygote that has imported the modules that an earlier handler had after its run`,
    parent: ({ modules }) => modules,
  },
  {
    name: "packages",
    title: "Zygote with the packages",
    does: `${COLD}forked from a Zygote that has imported each package by its name`,
    parent: ({ packages }) => packages,
  },
  {
    name: "root",
    title: "root Zygote",
    does: `${COLD}forked from a Zygote without packages`,
    parent: ({ root }) => root,
  },
  {
    name: "fresh",
    title: "fresh container",
    does: `${COLD}a lean container with a new interpreter`,
    parent: () => NONE,
  },
  {
    name: DOCKER,
    title: "Docker, host network",
    does: `${COLD}Docker's API on its socket: create and start, with Python and packages bound read-only`,
    parent: () => undefined,
  },
];

const DEFAULT_SAMPLES = 60;

/** The case study of image resizing: a new handler each time, and an S3 store on this machine. */
export const imageBench: Bench = {
  name: "image",
  summary:
    "cold starts of a function that resizes an image from an S3 store, with the time of each part",
  run,
};

async function run(context: BenchContext): Promise<BenchOutcome> {
  const chosen = choose(CONTENDERS, context.only);
  const findings = new BenchFindings();
  const { folder, python, signal } = context;
  const tool = await findPackageTool(python, INSTALL_UID);
  const index: PackageIndex =
    context.index === undefined ? { kind: "default" } : parseIndex(context.index);
  const wheels = join(folder, "wheels");
  const storeWheels = join(folder, "store-wheels");
  context.onStage({ at: 1, of: 2, name: "downloads and installs packages and the store" });
  try {
    await downloadWheels(wheels, tool.python, index, IMAGE_PACKAGES, signal);
    await downloadWheels(storeWheels, tool.python, index, [STORE_PACKAGE], signal);
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    for (const each of chosen) findings.miss(wholeOf(each), "skipped", error.message);
    return findings.outcome([]);
  }
  const installed = await installWheels(wheels, folder, tool.python);
  try {
    const store = await startS3Store(storeWheels, folder, tool.python);
    try {
      await makeImage(installed, store, tool.python);
      context.onStage({ at: 2, of: 2, name: chosen.map(({ name }) => name).join(", ") });
      await measure(chosen, installed, store, context, findings);
    } finally {
      await store.close();
    }
    return findings.outcome([describe(installed, store)]);
  } finally {
    await installed.release();
  }
}

/** Measures the contenders in turn, with a new handler each time. */
async function measure(
  chosen: readonly ImageContender[],
  installed: InstalledPackages,
  store: S3Store,
  context: BenchContext,
  findings: BenchFindings,
): Promise<void> {
  const samples = context.samples ?? DEFAULT_SAMPLES;
  const packages = IMAGE_PACKAGES;
  const modules = await modulesOfRun(installed, store);
  const sources = Array.from({ length: samples * chosen.length }, (_, number) =>
    imageHandler(store, number),
  );
  const functions = sources.map((source) => ({ source, packages }));
  const starts = new Map<ImageContender, ColdStart[]>(chosen.map((each) => [each, []]));
  const docker = await openDocker(chosen, installed, context, sources);
  await withRig({ installed, functions }, async (rig) => {
    const root = await rig.zygote(NONE, []);
    const zygotes = {
      root,
      packages: await rig.zygote(root, packages),
      modules: await rig.zygote(root, packages, modules),
    };
    let next = 0;
    for (let at = 0; at < samples; at++) {
      for (const contender of chosen) {
        context.signal.throwIfAborted();
        const parent = contender.parent(zygotes);
        const handler = next++;
        if (parent !== undefined) starts.get(contender)!.push(await startOf(rig, handler, parent));
        else if (docker instanceof DockerHandlers) {
          starts.get(contender)!.push(checked(await docker.start(handler)));
        }
      }
    }
  }).finally(() => (docker instanceof DockerHandlers ? docker.close() : undefined));
  const found = new Map<string, readonly Measurement[]>();
  for (const [contender, all] of starts) {
    const version = docker instanceof DockerHandlers ? docker.version : null;
    const of = contender.name === DOCKER ? { ...contender, version } : contender;
    if (all.length > 0) found.set(contender.name, addParts(findings, of, all));
    else findings.miss(wholeOf(of), "skipped", String(docker));
  }
  const best = found.get(BEST);
  found.delete(BEST);
  if (best !== undefined) compareParts(findings, best, found);
}

/** Opens Docker if it is chosen and on this machine. Otherwise returns the reason as text. */
async function openDocker(
  chosen: readonly ImageContender[],
  installed: InstalledPackages,
  { folder }: BenchContext,
  sources: readonly string[],
): Promise<DockerHandlers | string> {
  if (!chosen.some(({ name }) => name === DOCKER)) return "it was not asked for";
  const own = join(folder, "docker");
  mkdirSync(own);
  try {
    return await DockerHandlers.open(own, installed, sources);
  } catch (error) {
    if (error instanceof Absent) return error.message;
    throw error;
  }
}

async function startOf(rig: Rig, handler: number, parent: number): Promise<ColdStart> {
  const start = await rig.start(handler, parent);
  await rig.end();
  return checked(start);
}

/** Checks that a start made the thumbnail, and returns the start. */
function checked(start: ColdStart): ColdStart {
  const { width, bytes } = start.answer as ImageAnswer;
  assert(width === 320 && bytes > 0, `a thumbnail of ${width} pixels and ${bytes} bytes`);
  return start;
}

/** Modules that a fresh handler has after its first run, in the order of their names. */
async function modulesOfRun(
  installed: InstalledPackages,
  store: S3Store,
): Promise<readonly string[]> {
  const packages = IMAGE_PACKAGES;
  const probe = { source: imageHandler(store, -1), packages };
  return withRig({ installed, functions: [probe], event: { lists: true } }, async (rig) => {
    const { answer } = await rig.start(0, NONE);
    await rig.end();
    return (answer as ImageAnswer).modules.filter((name) => name !== "f" && name !== "__main__");
  });
}

async function makeImage(
  installed: InstalledPackages,
  store: S3Store,
  python: string,
): Promise<void> {
  const { layout } = installed.state;
  const pillow = `pillow==${installed.versionOf("pillow")}`;
  const path = join(await store.bucket(BUCKET), IMAGE);
  const { exitCode, err } = await runProgram(python, ["-S", "-c", MAKE_IMAGE, path], {
    cwd: layout.root,
    env: { PATH: "/usr/bin:/bin", PYTHONPATH: join(layout.packages, pillow, FILES_FOLDER) },
    timeoutUs: 60_000_000,
  });
  assert(exitCode === 0 && readFileSync(path).length > 0, `no test image: ${err}`);
}

function describe(installed: InstalledPackages, store: S3Store): string {
  const versions = IMAGE_PACKAGES.map((name) => `${name} ${installed.versionOf(name)}`);
  return `${versions.join(", ")}; the store is ${store.description} on the loopback address`;
}
