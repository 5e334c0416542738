import { setTimeout } from "node:timers/promises";
import { NONE } from "../../../basics/none.js";
import type { RealOptions } from "../../../real/real-setup.js";
import type { BenchFindings } from "../findings.js";
import { type ImportSet, NOTHING_SET } from "../package-sets.js";
import { type Start, withRig } from "../rig.js";
import type { ProvisionSetup } from "./setup.js";
import { sourceOf, WARM_UPS } from "./starts.js";

/** The design with one thing changed. */
interface Variant {
  readonly name: string;
  readonly options?: Partial<RealOptions>;
  readonly uncompiled?: boolean;
}

const FULL = "full design";
const UNFROZEN = "heap not frozen";
const DOES =
  "a lean container is forked from the Zygote, until the handler has answered its first request";

const VARIANTS: readonly Variant[] = [
  { name: FULL },
  { name: "no pool: each root made on demand", options: { readySlots: 0 } },
  { name: "two forks, the helper waited for", options: { disabledTechniques: ["single-fork"] } },
  { name: "no seccomp filters", options: { disabledTechniques: ["seccomp"] } },
  { name: "no UTS, IPC and PID namespaces", options: { disabledTechniques: ["namespaces"] } },
  { name: "a network namespace each", options: { network: "none" } },
  { name: "roots mounted in the machine's namespace", options: { roots: "bound" } },
  { name: UNFROZEN, options: { disabledTechniques: ["frozen-heap"] } },
  { name: "Zygotes not in huge pages", options: { disabledTechniques: ["huge-pages"] } },
  { name: "Zygotes not warmed up", options: { disabledTechniques: ["warmed-zygotes"] } },
  { name: "Python's fork hooks run", options: { disabledTechniques: ["skipped-fork-hooks"] } },
  { name: "handler not compiled beforehand", uncompiled: true },
  { name: "two spare children per Zygote", options: { sparesPerZygote: 2 } },
];

/**
 * Every variant is measured equally often, in turn, so a drift of the machine affects all alike.
 */
const ROUNDS = 5;
/** Time between starts, long enough that processor caches and cores go cold. */
const GAP_MS = 30;
const SPARSE_SHARE = 0.25;

const COLLECTING = `import gc


def f(event):
    return gc.collect()
`;

/**
 * Measures the effect of each technique: first answers with the full design and with one thing
 * changed.
 */
export async function measureTechniques(
  setup: ProvisionSetup,
  findings: BenchFindings,
): Promise<void> {
  const heavy = setup.sets.filter(({ packages }) => packages.length === 1).at(-1)!;
  const cases = [...casesOf(NOTHING_SET), ...casesOf(heavy)];
  const found = new Map<string, number[]>();
  const take = (key: string, value: number) => {
    if (!found.has(key)) found.set(key, []);
    found.get(key)!.push(value);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const variant of orderOf(round)) await measureVariant(variant, cases, setup, take);
  }
  for (const each of cases) {
    const variants = VARIANTS.filter((variant) => concerns(variant, each));
    for (const { metric, unit } of each.readings) {
      const [full, ...others] = variants.map(({ name }) =>
        findings.add(
          { contender: name, does: DOES, metric, unit },
          found.get(keyOf(name, metric))!,
        ),
      );
      for (const other of others) {
        findings.compare({ title: metric }, full, other);
      }
    }
  }
}

/**
 * The order of variants in a round. Each round begins with a different one, because the first one
 * of a round is measured slower than it is.
 */
function orderOf(round: number): readonly Variant[] {
  const first = Math.floor((round * VARIANTS.length) / ROUNDS);
  return [...VARIANTS.slice(first), ...VARIANTS.slice(0, first)];
}

/** Starts of one kind, and the readings that are taken from each. */
interface Case {
  readonly set: ImportSet;
  readonly gapMs: number;
  readonly source: string;
  /** Names of the variants for which it is measured; undefined: all. */
  readonly only?: readonly string[];
  readonly readings: readonly {
    readonly metric: string;
    readonly unit: "us" | "bytes";
    readonly of: (start: Start) => number;
  }[];
}

function casesOf(set: ImportSet): readonly Case[] {
  const from = set.packages.length === 0 ? "the root Zygote" : `a ${set.name} Zygote`;
  const answer = (what: string) =>
    ({
      metric: `${what} from ${from}`,
      unit: "us",
      of: (start: Start) => start.firstAnswerUs,
    }) as const;
  const source = sourceOf(set);
  const dense = { set, gapMs: 0, source, readings: [answer("first answer back to back")] };
  const sparse = {
    set,
    gapMs: GAP_MS,
    source,
    readings: [answer(`first answer ${GAP_MS} ms apart`)],
  };
  const memory = {
    metric: `private memory after it, from ${from}`,
    unit: "bytes",
    of: ({ bytes }: Start) => bytes,
  } as const;
  const collecting = {
    set,
    gapMs: 0,
    only: [FULL, UNFROZEN],
    source: `${set.imports}\n${COLLECTING}`,
    readings: [answer("first answer of a handler that collects garbage"), memory],
  };
  return set.packages.length === 0 ? [dense, sparse] : [dense, sparse, collecting];
}

async function measureVariant(
  variant: Variant,
  cases: readonly Case[],
  { installed, samples, context }: ProvisionSetup,
  take: (key: string, value: number) => void,
): Promise<void> {
  const { name, options, uncompiled } = variant;
  const functions = cases.map(({ source, set }) => ({ source, packages: set.packages }));
  const more = { ...(options && { options }), ...(uncompiled && { uncompiled }) };
  await withRig({ installed, functions, ...more }, async (rig) => {
    const root = await rig.zygote(NONE, []);
    const heavy = await rig.zygote(root, cases.at(-1)!.set.packages);
    for (const [id, each] of cases.entries()) {
      if (!concerns(variant, each)) continue;
      const { set, gapMs, readings } = each;
      for (let left = WARM_UPS; left > 0; left--) {
        await rig.start(id, set.packages.length === 0 ? root : heavy);
        await rig.end();
      }
      const share = gapMs === 0 ? 1 : SPARSE_SHARE;
      for (let left = Math.ceil((samples * share) / ROUNDS); left > 0; left--) {
        context.signal.throwIfAborted();
        await setTimeout(gapMs);
        const start = await rig.start(id, set.packages.length === 0 ? root : heavy);
        for (const { metric, of } of readings) take(keyOf(name, metric), of(start));
        await rig.end();
      }
    }
  });
}

function concerns({ name }: Variant, { only }: Case): boolean {
  return only?.includes(name) ?? true;
}

function keyOf(variant: string, metric: string): string {
  return `${variant}: ${metric}`;
}
