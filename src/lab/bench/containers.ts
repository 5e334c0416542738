import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BenchRatio, Measurement } from "../../results/bench-result.js";
import { type Case, measured, missed, ratioOf } from "../../results/measurements.js";
import type { Bench, BenchContext, BenchOutcome } from "./bench.js";
import { choose } from "./choose.js";
import { Absent, type Arena, type Contender, type OpenContender } from "./contenders/contender.js";
import { dockerContender, dockerHostContender } from "./contenders/docker.js";
import { leanContender, leanNoNetworkContender, leanOnDemandContender } from "./contenders/lean.js";
import { crunContender, runcContender } from "./contenders/oci.js";
import { freshPythonContender, zygoteContender } from "./contenders/python.js";
import { makeRootFolder } from "./contenders/root-folder.js";
import {
  bubblewrapContender,
  nspawnContender,
  podmanContender,
  processContender,
  unshareContender,
} from "./contenders/small-tools.js";

const CONTENDERS: readonly Contender[] = [
  leanContender,
  leanOnDemandContender,
  leanNoNetworkContender,
  zygoteContender,
  freshPythonContender,
  dockerContender,
  dockerHostContender,
  podmanContender,
  nspawnContender,
  runcContender,
  crunContender,
  bubblewrapContender,
  unshareContender,
  processContender,
];

const DEFAULT_SAMPLES = 60;
const CLIENTS = [1, 2, 4, 8];
/** Rounds of throughput: the smallest number of values whose median has a 95 % interval. */
const ROUNDS = 6;
const ROUND_US = 250_000;
const LATENCY = "create, run, destroy";
const THROUGHPUT = "containers per second";

/** A contender and its measurements so far. */
interface Entry {
  readonly contender: Contender;
  readonly version: string | null;
  readonly open: OpenContender | undefined;
  /** Why the contender is not measured, or not any more. */
  miss: { readonly status: "skipped" | "failed"; readonly reason: string } | undefined;
  /**
   * By number of clients: microseconds of each container, and containers per second of each round.
   */
  readonly us: Map<number, number[]>;
  readonly perSecond: Map<number, number[]>;
}

/**
 * Compares container systems with ours: the same program and root file system, all contenders in
 * turn.
 */
export const containersBench: Bench = {
  name: "containers",
  summary:
    "create, run and destroy a container: ours compared with Docker, podman, runc and others",
  run: async (context) => {
    const chosen = choose(CONTENDERS, context.only);
    const root = join(context.folder, "root");
    const command = await makeRootFolder(root);
    const entries: Entry[] = [];
    try {
      for (const contender of chosen) {
        const folder = join(context.folder, contender.name);
        mkdirSync(folder);
        const label = `socklab-bench-${process.pid}`;
        const { python } = context;
        entries.push(await enter(contender, { root, command, folder, label, python }));
        context.signal.throwIfAborted();
      }
      await measureLatency(entries, context);
      await measureThroughput(entries, context);
    } finally {
      for (const entry of entries) await leave(entry);
    }
    return outcomeOf(entries);
  },
};

/** Opens a contender and runs it once, to check it and to warm it up. */
async function enter(contender: Contender, arena: Arena): Promise<Entry> {
  const counts = { us: new Map(), perSecond: new Map() };
  let open: OpenContender | undefined;
  try {
    open = await contender.open(arena);
    await open.load(1, 0);
    return { contender, version: open.version, open, miss: undefined, ...counts };
  } catch (error) {
    const status = error instanceof Absent ? "skipped" : "failed";
    const miss = { status, reason: oneLine(error) } as const;
    return { contender, version: open?.version ?? null, open, miss, ...counts };
  }
}

/**
 * Measures one client, with one container of each contender in turn, so noise affects all alike.
 */
async function measureLatency(entries: readonly Entry[], context: BenchContext): Promise<void> {
  const samples = context.samples ?? DEFAULT_SAMPLES;
  const name = `${samples} containers of each contender, in turn`;
  context.onStage({ at: 1, of: roundsOf(context) + 1, name });
  for (let sample = 0; sample < samples; sample++) {
    for (const entry of entries) {
      await sampleOf(entry, 1, 0);
      context.signal.throwIfAborted();
    }
  }
}

/** Number of rounds in which the throughput is measured. */
function roundsOf({ samples }: BenchContext): number {
  return Math.min(ROUNDS, samples ?? ROUNDS);
}

/** Measures rounds of all contenders in turn, with each number of clients. */
async function measureThroughput(entries: readonly Entry[], context: BenchContext): Promise<void> {
  const rounds = roundsOf(context);
  for (let round = 0; round < rounds; round++) {
    const name = `throughput, round ${round + 1} of ${rounds}`;
    context.onStage({ at: round + 2, of: rounds + 1, name });
    for (const clients of CLIENTS) {
      for (const entry of entries) {
        await sampleOf(entry, clients, ROUND_US);
        context.signal.throwIfAborted();
      }
    }
  }
}

/**
 * A contender that fails is not measured any more. The latency with one client comes from the
 * single containers, not from throughput rounds.
 */
async function sampleOf(entry: Entry, clients: number, durationUs: number): Promise<void> {
  if (entry.open === undefined || entry.miss !== undefined) return;
  try {
    const { us, wallUs } = await entry.open.load(clients, durationUs);
    if (durationUs === 0 || clients > 1) append(entry.us, clients, us);
    if (durationUs > 0) append(entry.perSecond, clients, [(us.length * 1e6) / wallUs]);
  } catch (error) {
    entry.miss = { status: "failed", reason: oneLine(error) };
  }
}

function append(lists: Map<number, number[]>, key: number, values: readonly number[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...values]);
  else list.push(...values);
}

/** Closes a contender. If it cannot clean up, this counts as its failure. */
async function leave(entry: Entry): Promise<void> {
  try {
    await entry.open?.close();
  } catch (error) {
    entry.miss ??= { status: "failed", reason: `at the end: ${oneLine(error)}` };
  }
}

function outcomeOf(entries: readonly Entry[]): BenchOutcome {
  const measurements = entries.flatMap((entry) =>
    CLIENTS.flatMap((clients) => [
      measurementOf(entry, LATENCY, "us", clients),
      measurementOf(entry, THROUGHPUT, "1/s", clients),
    ]),
  );
  const gone = entries.filter(({ miss }) => miss !== undefined);
  return {
    measurements: measurements.toSorted(
      (a, b) => METRICS.indexOf(a.metric) - METRICS.indexOf(b.metric),
    ),
    ratios: ratiosOf(measurements),
    warnings: gone.map(
      ({ contender, miss }) => `${contender.title} ${miss!.status}: ${miss!.reason}`,
    ),
  };
}

const METRICS = [LATENCY, THROUGHPUT];

function measurementOf(
  entry: Entry,
  metric: string,
  unit: Measurement["unit"],
  clients: number,
): Measurement {
  const { contender, version, miss } = entry;
  const of: Case = {
    contender: contender.title,
    version,
    does: contender.does,
    metric,
    unit,
    parameter: ["clients", clients],
  };
  if (miss !== undefined) return missed(of, miss.status, miss.reason);
  return measured(of, (unit === "us" ? entry.us : entry.perSecond).get(clients)!);
}

const AIM_DOCKER = 18;
/**
 * Ratios of the SOCK paper. Lean containers against Docker: at least 6 times faster with one
 * client, up to 18 times the throughput (figure 14). Zygotes against fresh interpreters: 3 times
 * the throughput (figure 15). Without network namespaces 900 containers per second, with them 200
 * (figure 4).
 */
const PAPER = { dockerLatency: 6, dockerThroughput: 18, zygotes: 3, noNetwork: 4.5 };

function ratiosOf(measurements: readonly Measurement[]): readonly BenchRatio[] {
  const find = ({ title }: Contender, metric: string, clients: number) =>
    measurements.find(
      (each) => each.contender === title && each.metric === metric && each.at === clients,
    );
  const compare = (
    ours: Contender,
    peer: Contender,
    metric: string,
    clients: number,
    known: { readonly paper?: number; readonly aim?: number } = {},
  ): readonly BenchRatio[] => {
    const [one, other] = [find(ours, metric, clients), find(peer, metric, clients)];
    if (one === undefined || other === undefined) return [];
    const title = `${metric}, ${clients} ${clients === 1 ? "client" : "clients"}`;
    return [ratioOf({ title, ...known }, one, other)];
  };
  const alone = { paper: PAPER.dockerLatency, aim: AIM_DOCKER };
  const loaded = { paper: PAPER.dockerThroughput, aim: AIM_DOCKER };
  const peers = CONTENDERS.slice(CONTENDERS.indexOf(podmanContender));
  return [
    ...compare(leanContender, dockerContender, LATENCY, 1, alone),
    ...compare(leanContender, dockerHostContender, LATENCY, 1, alone),
    ...compare(leanOnDemandContender, dockerHostContender, LATENCY, 1, alone),
    ...compare(leanNoNetworkContender, dockerContender, LATENCY, 1, alone),
    ...compare(leanContender, dockerHostContender, THROUGHPUT, 8, loaded),
    ...compare(leanNoNetworkContender, dockerContender, THROUGHPUT, 8, loaded),
    ...compare(leanContender, leanNoNetworkContender, THROUGHPUT, 8, { paper: PAPER.noNetwork }),
    ...compare(zygoteContender, dockerHostContender, LATENCY, 1),
    ...compare(zygoteContender, freshPythonContender, LATENCY, 1),
    ...compare(zygoteContender, freshPythonContender, THROUGHPUT, 8, { paper: PAPER.zygotes }),
    ...peers.flatMap((peer) => compare(leanContender, peer, LATENCY, 1)),
    ...compare(leanContender, leanOnDemandContender, LATENCY, 1),
  ];
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ");
}
