import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { InvocationRecord } from "../../src/contract/observer.js";
import type { Recorder } from "../../src/results/recorder.js";
import { LiveCounts } from "../../src/worker/live-counts.js";
import { renderMetrics } from "../../src/worker/metrics.js";
import type { WorkerStats } from "../../src/worker/worker.js";
import {
  type Arrival,
  failing,
  MIB,
  makeFunction,
  Recording,
  SECOND,
  tell,
} from "../engine/harness.js";
import { factsOf, recorderOf } from "../results/samples.js";

const DASHBOARD = new URL("../../deploy/grafana/socklab-worker.json", import.meta.url);

/** Passes each report to a worker's counts and to a recorder of results. */
class Both extends Recording {
  readonly counts = new LiveCounts(() => {});
  readonly recorder: Recorder;

  constructor(functions: readonly string[]) {
    super();
    this.recorder = recorderOf(functions);
  }

  override started(atUs: number, functionId: number, startKind: number): void {
    this.counts.started(atUs, functionId, startKind);
    this.recorder.started(atUs, functionId, startKind);
  }
  override arrived(atUs: number, functionId: number): void {
    this.recorder.arrived(atUs, functionId);
  }
  override ended(atUs: number, record: InvocationRecord): void {
    this.counts.ended(atUs, record);
    this.recorder.ended(atUs, record);
  }
  override inserted(...report: Parameters<LiveCounts["inserted"]>): void {
    this.counts.inserted(...report);
    this.recorder.inserted(...report);
  }
  override left(...report: Parameters<LiveCounts["left"]>): void {
    this.counts.left(...report);
    this.recorder.left(...report);
  }
}

/** Two functions of 100 MiB on 150 MiB: the second needs the place of the first. */
const FUNCTIONS = ["a", "b"].map((name) => makeFunction({ name, memoryBytes: 100 * MIB }));
const ARRIVALS: readonly Arrival[] = [
  [0, 0, SECOND / 10],
  [SECOND, 0, SECOND / 10], // warm
  [2 * SECOND, 1, 5 * SECOND], // evicts a
  [3 * SECOND, 0, SECOND / 10], // waits for memory longer than it may
  [9 * SECOND, 1, SECOND / 10], // warm
  [10 * SECOND, 1, SECOND / 10], // warm, and fails
];

async function play() {
  const both = new Both(["a", "b"]);
  let runs = 0;
  await tell({
    functions: FUNCTIONS,
    arrivals: ARRIVALS,
    config: { memoryLimitBytes: 150 * MIB, queueTimeoutUs: SECOND },
    wrap: (backend) =>
      failing(backend, (operation) => (operation === "run" && ++runs === 5 ? "failed" : "ok")),
    listener: { recording: both, begin: () => {}, line: () => {} },
  });
  return { counts: both.counts, result: both.recorder.finish(factsOf()) };
}

function statsOf(counts: LiveCounts): WorkerStats {
  const { starts, outcomes, tiers, warnings, startupUs, runUs } = counts;
  return {
    ...{ uptimeUs: 11 * SECOND, functions: 2, pending: 0 },
    memory: { limitBytes: 150 * MIB, runningBytes: 0, handlerBytes: 100 * MIB, zygoteBytes: 0 },
    disk: { limitBytes: Number.POSITIVE_INFINITY, usedBytes: 0, packages: 0 },
    ...{ starts, outcomes, tiers, warnings, startupUs, runUs },
  };
}

/** The samples of a text in Prometheus' format: `name{labels}` to value. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe("a worker's metrics and a result count one run alike", () => {
  test("handler hits are the warm starts, and every other invocation is a miss, also one that never started", async () => {
    const { counts, result } = await play();
    const samples = samplesOf(await renderMetrics(statsOf(counts)));
    const handler = (event: string) =>
      samples.get(`socklab_cache_events_total{tier="handler",event="${event}"}`);
    // of 6 invocations, 3 were warm, 2 had a new container, and 1 waited too long
    expect([handler("hits"), handler("misses")]).toEqual([3, 3]);
    expect(result.tiers.handler).toMatchObject({ hits: 3, misses: 3, hitRatio: 0.5 });
    for (const event of ["insertions", "evictions", "expirations"] as const) {
      expect(handler(event), event).toBe(result.tiers.handler[event]);
    }
    expect(handler("evictions")).toBeGreaterThan(0);
  });

  test("starts and outcomes are those of the result", async () => {
    const { counts, result } = await play();
    const samples = samplesOf(await renderMetrics(statsOf(counts)));
    const { invocations } = result;
    const of = (name: string, label: string) => samples.get(`socklab_${name}{${label}}`);
    expect(of("starts_total", 'kind="warm"')).toBe(invocations.warm);
    expect(of("invocations_total", 'outcome="completed"')).toBe(invocations.completed);
    expect(of("invocations_total", 'outcome="timed-out"')).toBe(invocations.timedOut);
    expect(of("invocations_total", 'outcome="failed"')).toBe(invocations.failed);
    expect([invocations.completed, invocations.timedOut, invocations.failed]).toEqual([4, 1, 1]);
    expect(samples.get("socklab_startup_seconds_count")).toBe(5);
  });
});

/** Names of metrics without the endings that a histogram's series have. */
function namesIn(text: string): string[] {
  const names = [...text.matchAll(/\bsocklab_[a-z_]+/g)].map(([name]) => name);
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))].toSorted();
}

test("Grafana's dashboard shows every metric of the worker, and no other", async () => {
  const { counts } = await play();
  const exposed = namesIn(await renderMetrics(statsOf(counts)));
  const { panels } = JSON.parse(readFileSync(DASHBOARD, "utf8"));
  const queries = panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
    targets.map(({ expr }) => expr),
  );
  expect(namesIn(queries.join("\n"))).toEqual(exposed);
});

test("labels that the dashboard's queries choose exist with these values", async () => {
  const { counts } = await play();
  const text = await renderMetrics(statsOf(counts));
  const chosen = readFileSync(DASHBOARD, "utf8").matchAll(
    /\bsocklab_[a-z_]+\{(\w+=\\"[\w-]+\\")\}/g,
  );
  const labels = [...chosen].map(([, label]) => JSON.parse(`"${label}"`));
  expect(labels.length).toBeGreaterThan(0);
  for (const label of labels) expect(text).toContain(label);
});
