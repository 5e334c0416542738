import type { Metric as Collected, MetricValueWithName } from "prom-client";
import { US_PER_SECOND } from "../basics/units.js";
import { BUCKET_BOUNDS_US, type TimeHistogram } from "./time-histogram.js";
import type { TierStats, WorkerStats } from "./worker.js";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const TIER_FIELDS = ["hits", "misses", "insertions", "evictions", "expirations"] as const;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly label: string[];
  readonly samples: readonly Sample[];
}

/**
 * A worker's counts in Prometheus' text format 0.0.4. prom-client is loaded by the first call,
 * since a worker without Prometheus does not need the memory.
 */
export async function renderMetrics(stats: WorkerStats): Promise<string> {
  const { Counter, Gauge, Registry } = await import("prom-client");
  const registry = new Registry();
  for (const { name, help, type, label, samples } of metricsOf(stats)) {
    const options = { name, help, labelNames: label, registers: [registry] };
    if (type === "gauge") {
      const gauge = new Gauge(options);
      for (const [labels, value] of samples) gauge.set(labels, value);
    } else {
      const counter = new Counter(options);
      for (const [labels, value] of samples) counter.inc(labels, value);
    }
  }
  for (const [name, help, times] of histogramsOf(stats)) {
    const collected = { name, help, type: "histogram", values: bucketsOf(name, times) };
    // prom-client's own histogram cannot be given times that are already in buckets
    registry.registerMetric({ ...collected, get: async () => collected } as unknown as Collected);
  }
  return registry.metrics();
}

function metricsOf(stats: WorkerStats): readonly Metric[] {
  const { memory, disk, tiers } = stats;
  const cacheEvents = Object.entries(tiers).flatMap(([tier, counts]) => eventsOf(tier, counts));
  const memoryUses: readonly Sample[] = [
    [{ use: "running" }, memory.runningBytes],
    [{ use: "handler" }, memory.handlerBytes],
    [{ use: "zygote" }, memory.zygoteBytes],
  ];
  return [
    counter("invocations_total", "Invocations by how they ended", "outcome", stats.outcomes),
    counter("starts_total", "Invocations by how they started", "kind", stats.starts),
    {
      ...named("cache_events_total", "Lookups, insertions and departures of each cache"),
      ...{ type: "counter", label: ["tier", "event"], samples: cacheEvents },
    },
    gauge("pending_invocations", "Accepted and not ended", stats.pending),
    gauge("functions", "Registered functions", stats.functions),
    {
      ...named("memory_bytes", "Memory charged to each use"),
      ...{ type: "gauge", label: ["use"], samples: memoryUses },
    },
    gauge("memory_limit_bytes", "Memory limit", memory.limitBytes),
    gauge("disk_bytes", "Disk used by installed packages", disk.usedBytes),
    gauge("disk_limit_bytes", "Disk limit of the install cache", disk.limitBytes),
    gauge("installed_packages", "Installed packages", disk.packages),
    counter("warnings_total", "Warnings by code", "code", stats.warnings),
    gauge("uptime_seconds", "Time since the worker began", stats.uptimeUs / US_PER_SECOND),
  ];
}

function histogramsOf(
  stats: WorkerStats,
): readonly (readonly [name: string, help: string, times: TimeHistogram])[] {
  return [
    ["socklab_startup_seconds", "Arrival to handler ready", stats.startupUs],
    ["socklab_run_seconds", "Handler ready to its end", stats.runUs],
  ];
}

function named(name: string, help: string): { readonly name: string; readonly help: string } {
  return { name: `socklab_${name}`, help };
}

function counter(
  name: string,
  help: string,
  label: string,
  counts: Readonly<Record<string, number>>,
): Metric {
  const samples = Object.entries(counts).map(
    ([value, count]) => [{ [label]: value }, count] as const,
  );
  return { ...named(name, help), type: "counter", label: [label], samples };
}

function gauge(name: string, help: string, value: number): Metric {
  return { ...named(name, help), type: "gauge", label: [], samples: [[{}, value]] };
}

function eventsOf(tier: string, counts: TierStats): readonly Sample[] {
  return TIER_FIELDS.map((event) => [{ tier, event }, counts[event]] as const);
}

/** Prometheus' buckets are cumulative: each counts all times up to its bound. */
function bucketsOf(name: string, times: TimeHistogram): MetricValueWithName<string>[] {
  let below = 0;
  const buckets = BUCKET_BOUNDS_US.map((boundUs, at) => {
    below += times.counts[at];
    return bucket(name, boundUs / US_PER_SECOND, below);
  });
  return [
    ...buckets,
    bucket(name, "+Inf", times.count),
    { metricName: `${name}_sum`, labels: {}, value: times.sumUs / US_PER_SECOND },
    { metricName: `${name}_count`, labels: {}, value: times.count },
  ];
}

function bucket(name: string, le: number | string, value: number): MetricValueWithName<string> {
  return { metricName: `${name}_bucket`, labels: { le }, value };
}
