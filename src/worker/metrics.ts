import { US_PER_SECOND } from "../basics/units.js";
import { BUCKET_BOUNDS_US, type TimeHistogram } from "./time-histogram.js";
import type { TierStats, WorkerStats } from "./worker.js";

export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const TIER_FIELDS = ["hits", "misses", "insertions", "evictions", "expirations"] as const;

/** A worker's counts in Prometheus' text format 0.0.4. */
export function renderMetrics(stats: WorkerStats): string {
  const { memory, disk } = stats;
  const tiers = Object.entries(stats.tiers) as [string, TierStats][];
  return [
    metric("invocations_total", "counter", "Invocations by how they ended", [
      ...labelled("outcome", stats.outcomes),
    ]),
    metric("starts_total", "counter", "Invocations by how they started", [
      ...labelled("kind", stats.starts),
    ]),
    metric(
      "cache_events_total",
      "counter",
      "Lookups, insertions and departures of each cache",
      tiers.flatMap(([tier, each]) =>
        TIER_FIELDS.map((event) => [`{tier="${tier}",event="${event}"}`, each[event]] as const),
      ),
    ),
    histogram("startup_seconds", "Arrival to handler ready", stats.startupUs),
    histogram("run_seconds", "Handler ready to its end", stats.runUs),
    metric("pending_invocations", "gauge", "Accepted and not ended", [["", stats.pending]]),
    metric("functions", "gauge", "Registered functions", [["", stats.functions]]),
    metric("memory_bytes", "gauge", "Memory charged to each use", [
      ['{use="running"}', memory.runningBytes],
      ['{use="handler"}', memory.handlerBytes],
      ['{use="zygote"}', memory.zygoteBytes],
    ]),
    metric("memory_limit_bytes", "gauge", "Memory limit", [["", memory.limitBytes]]),
    metric("disk_bytes", "gauge", "Disk used by installed packages", [["", disk.usedBytes]]),
    metric("disk_limit_bytes", "gauge", "Disk limit of the install cache", [["", disk.limitBytes]]),
    metric("installed_packages", "gauge", "Installed packages", [["", disk.packages]]),
    metric("warnings_total", "counter", "Warnings by code", labelled("code", stats.warnings)),
    metric("uptime_seconds", "gauge", "Time since the worker began", [
      ["", stats.uptimeUs / US_PER_SECOND],
    ]),
  ].join("");
}

type Sample = readonly [labels: string, value: number];

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `socklab_${name}${labels} ${numberText(value)}\n`);
  return `# HELP socklab_${name} ${help}\n# TYPE socklab_${name} ${type}\n${lines.join("")}`;
}

function labelled(label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([value, count]) => [`{${label}="${value}"}`, count]);
}

function histogram(name: string, help: string, times: TimeHistogram): string {
  let below = 0;
  const buckets = BUCKET_BOUNDS_US.map((boundUs, at) => {
    below += times.counts[at];
    return [`_bucket{le="${boundUs / US_PER_SECOND}"}`, below] as const;
  });
  return metric(name, "histogram", help, [
    ...buckets,
    ['_bucket{le="+Inf"}', times.count],
    ["_sum", times.sumUs / US_PER_SECOND],
    ["_count", times.count],
  ]);
}

function numberText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? "+Inf" : String(value);
}
