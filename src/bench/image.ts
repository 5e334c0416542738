import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, MachineError } from "../engine/errors.js";
import { NONE } from "../engine/policy.js";
import { runChild } from "../real/child.js";
import { findPackageTool } from "../real/find-python.js";
import { INSTALL_UID } from "../real/installer.js";
import { FILES_FOLDER } from "../real/package-metadata.js";
import { type PackageIndex, parseIndex } from "../real/package-tool.js";
import type { Measurement } from "../results/bench-result.js";
import type { Bench, BenchContext, BenchOutcome } from "./bench.js";
import { choose } from "./choose.js";
import { Findings } from "./findings.js";
import {
  BUCKET,
  IMAGE,
  IMAGE_PACKAGES,
  type ImageAnswer,
  imageHandler,
  MAKE_IMAGE,
} from "./image-handler.js";
import { downloadWheels, type InstalledPackages, installWheels } from "./installed-packages.js";
import { type Rig, type Start, withRig } from "./rig.js";
import { type S3Store, STORE_PACKAGE, startS3Store } from "./s3-store.js";

/** How a new handler is started. */
interface ImageContender {
  readonly name: string;
  readonly title: string;
  readonly does: string;
  /** The Zygote it is forked from. */
  parent(zygotes: Zygotes): number;
}

interface Zygotes {
  readonly root: number;
  readonly packages: number;
  readonly modules: number;
}

const COLD = "a handler that never ran, in a new container, until it has answered: ";
const CONTENDERS: readonly ImageContender[] = [
  {
    name: "modules",
    title: "Zygote with all modules of an earlier run",
    does: `${COLD}forked from a Zygote that has imported the modules an earlier handler had after its run`,
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
    does: `${COLD}a lean container with an interpreter of its own`,
    parent: () => NONE,
  },
];

/** Parts of a cold start and what makes them up, beside the whole. */
const PARTS = ["platform", "imports", "S3 client", "store", "resizing"] as const;
const WHOLE = "image: cold start to answer";
const DEFAULT_SAMPLES = 60;

/** The image-resizing case study: a new handler each time, an S3 store on this machine. */
export const imageBench: Bench = {
  name: "image",
  summary: "cold starts of a function that resizes an image from an S3 store, by parts",
  run,
};

async function run(context: BenchContext): Promise<BenchOutcome> {
  const chosen = choose(CONTENDERS, context.only);
  const findings = new Findings();
  const { folder, python, signal } = context;
  const tool = await findPackageTool(python, INSTALL_UID);
  const index: PackageIndex =
    context.index === undefined ? { kind: "default" } : parseIndex(context.index);
  const wheels = join(folder, "wheels");
  const storeWheels = join(folder, "store-wheels");
  context.say("packages and store: download and install");
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
      await measure(chosen, installed, store, context, findings);
    } finally {
      await store.close();
    }
    return findings.outcome([describe(installed, store)]);
  } finally {
    await installed.release();
  }
}

/** Every contender in turn, a handler of its own each time. */
async function measure(
  chosen: readonly ImageContender[],
  installed: InstalledPackages,
  store: S3Store,
  context: BenchContext,
  findings: Findings,
): Promise<void> {
  const samples = context.samples ?? DEFAULT_SAMPLES;
  const packages = IMAGE_PACKAGES;
  const modules = await modulesOfRun(installed, store);
  const functions = Array.from({ length: samples * chosen.length }, (_, number) => ({
    source: imageHandler(store, number),
    packages,
  }));
  const starts = new Map<ImageContender, Start[]>(chosen.map((each) => [each, []]));
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
        starts.get(contender)!.push(await startOf(rig, next++, contender.parent(zygotes)));
      }
    }
  });
  const found = new Map<string, readonly Measurement[]>();
  for (const [contender, all] of starts) found.set(contender.name, addTo(findings, contender, all));
  compare(findings, found);
}

async function startOf(rig: Rig, handler: number, parent: number): Promise<Start> {
  const start = await rig.start(handler, parent);
  const { width, bytes } = start.answer as ImageAnswer;
  assert(width === 320 && bytes > 0, `a thumbnail of ${width} pixels and ${bytes} bytes`);
  await rig.end();
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

/** The whole and each part of it, in the order of PARTS. */
function addTo(
  findings: Findings,
  contender: ImageContender,
  starts: readonly Start[],
): readonly Measurement[] {
  const parts = starts.map(partsOf);
  const whole = starts.map(({ firstAnswerUs }) => firstAnswerUs);
  return [
    findings.add(wholeOf(contender), whole),
    ...PARTS.map((part) =>
      findings.add(
        { ...wholeOf(contender), metric: `image: ${part}` },
        parts.map((each) => each[part]),
      ),
    ),
  ];
}

function wholeOf({ title: contender, does }: ImageContender) {
  return { contender, does, metric: WHOLE, unit: "us" } as const;
}

/** A start in its parts, in microseconds; platform is what the others leave. */
export function partsOf(
  start: Pick<Start, "firstAnswerUs" | "phaseUs" | "answer">,
): Readonly<Record<(typeof PARTS)[number], number>> {
  const answer = start.answer as ImageAnswer;
  const imports = start.phaseUs.import + answer.importsUs;
  const store = answer.getUs + answer.putUs;
  const { clientUs, resizeUs } = answer;
  const platform = Math.max(0, start.firstAnswerUs - imports - clientUs - store - resizeUs);
  return { platform, imports, "S3 client": clientUs, store, resizing: resizeUs };
}

function compare(findings: Findings, found: ReadonlyMap<string, readonly Measurement[]>): void {
  const fresh = found.get("fresh");
  if (fresh === undefined) return;
  for (const { name } of CONTENDERS.slice(0, -1)) {
    const ours = found.get(name);
    if (ours === undefined) continue;
    for (const at of [0, 1, 2]) {
      findings.compare({ title: ours[at]!.metric }, ours[at]!, fresh[at]!);
    }
  }
}

async function makeImage(
  installed: InstalledPackages,
  store: S3Store,
  python: string,
): Promise<void> {
  const { layout } = installed.state;
  const pillow = `pillow==${installed.versionOf("pillow")}`;
  const path = join(await store.bucket(BUCKET), IMAGE);
  const { exitCode, err } = await runChild(python, ["-S", "-c", MAKE_IMAGE, path], {
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
