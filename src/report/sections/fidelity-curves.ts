import { BYTES_PER_MIB, US_PER_SECOND } from "../../basics/units.js";
import type { Fidelity, FidelityPolicy, FidelityRun } from "../../results/fidelity-result.js";
import type { LinePoint } from "../charts/line-chart.js";
import { formatValue } from "../format-cell.js";
import type { Section } from "../section.js";
import { startupChart, startupRange } from "../startup-chart.js";

/** Most curves of one backend in a drawing: more hide each other. The tables have all runs. */
const MOST_RUNS = 3;
/** Most points of one curve: a reader cannot see more. */
const MOST_POINTS = 240;

interface Curve {
  readonly label: string;
  readonly style: number;
  readonly run: FidelityRun;
}

/** The distributions of startup times of both backends, in one drawing per policy. */
export function fidelityStartupSection({ policies }: Fidelity): Section {
  const range = startupRange(policies.flatMap(({ real, sim }) => [...real, ...sim]));
  return {
    id: "startup-distribution",
    title: "Startup time",
    text: `Share of the starts that took longer than a given time: one drawing per policy, with at most ${MOST_RUNS} runs of each backend. The distance between the curves of one backend is its noise.`,
    figures: policies.map((policy, at) => ({
      id: `startup-${at}`,
      caption: policy.label,
      isHalf: true,
      chart: startupChart(
        curvesOf(policy),
        range,
        `Startup times under ${policy.label}, real and simulated`,
      ),
    })),
    table: {
      id: "startup-distribution",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "run", title: "run", unit: "text" },
        { name: "atMostUs", title: "startup at most", unit: "microseconds" },
        { name: "starts", title: "starts", unit: "count" },
      ],
      rows: policies.flatMap((policy) =>
        curvesOf(policy).flatMap(({ label, run }) =>
          run.startupEcdfUs.map(({ atMostUs, count }) => [policy.label, label, atMostUs, count]),
        ),
      ),
    },
    isTableOpen: false,
  };
}

/** Memory charged per second, real and simulated in one drawing per policy. */
export function fidelityMemorySection({ policies, run }: Fidelity): Section {
  const all = policies.flatMap(({ real, sim }) => [...real, ...sim]);
  const highest = Math.max(1, ...all.flatMap((each) => each.memoryBytesBySecond));
  const seconds = Math.max(1, ...all.map((each) => each.memoryBytesBySecond.length));
  const top = run.memoryBytes !== null && run.memoryBytes < 2 * highest ? run.memoryBytes : highest;
  return {
    id: "memory-over-time",
    title: "Memory over time",
    text: `Memory charged, as the mean of each second: one drawing per policy, with at most ${MOST_RUNS} runs of each backend.`,
    figures: policies.map((policy, at) => ({
      id: `memory-${at}`,
      caption: policy.label,
      isHalf: true,
      chart: {
        kind: "lines",
        data: curvesOf(policy).map((curve) => ({ ...curve, points: memoryPoints(curve) })),
        options: {
          label: `Memory over time under ${policy.label}, real and simulated`,
          shape: "steps",
          x: {
            title: "time since the run's start (s)",
            kind: "linear",
            domain: [0, seconds],
            format: (second) => formatValue(second, "count"),
          },
          y: {
            title: "memory (MiB)",
            kind: "linear",
            domain: [0, top],
            ticks: [0, top / 2, top],
            format: (bytes) => formatValue(bytes / BYTES_PER_MIB, "count"),
          },
        },
      },
    })),
    table: {
      id: "memory-over-time",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "run", title: "run", unit: "text" },
        { name: "atUs", title: "second ends", unit: "microseconds" },
        { name: "bytes", title: "memory", unit: "bytes" },
      ],
      rows: policies.flatMap((policy) =>
        curvesOf(policy).flatMap(({ label, run: each }) =>
          each.memoryBytesBySecond.map((bytes, second) => [
            policy.label,
            label,
            (second + 1) * US_PER_SECOND,
            bytes,
          ]),
        ),
      ),
    },
    isTableOpen: false,
    pageRows: MOST_POINTS,
  };
}

/**
 * The runs that are drawn. Real ones come first, so runs of one backend have neighbouring colours.
 */
function curvesOf({ real, sim }: FidelityPolicy): Curve[] {
  const all = [
    ...real.slice(0, MOST_RUNS).map((run, at) => ({ label: `real ${at + 1}`, run })),
    ...sim.slice(0, MOST_RUNS).map((run, at) => ({ label: `simulated ${at + 1}`, run })),
  ];
  return all.map((curve, style) => ({ ...curve, style }));
}

/** Means of several seconds each, so that there are at most MOST_POINTS points. */
function memoryPoints({ label, run }: Curve): LinePoint[] {
  const bytes = run.memoryBytesBySecond;
  const step = Math.max(1, Math.ceil(bytes.length / MOST_POINTS));
  return Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) => {
    const part = bytes.slice(at * step, (at + 1) * step);
    const y = part.reduce((sum, each) => sum + each, 0) / part.length;
    return { x: at * step, y, tip: `${label}, second ${at * step}: ${formatValue(y, "bytes")}` };
  });
}
