import { InputError } from "../../basics/errors.js";
import type { BenchResult } from "../../results/bench-result.js";
import { groupByMetric } from "../../results/bench-text.js";
import { formatValue } from "../format-cell.js";
import type { Report } from "../report.js";
import { metricSection } from "./metric-section.js";
import { ratiosSection } from "./ratios-section.js";

/**
 * A report on results of `socklab bench`, in the order given. Errors: InputError if there are no
 * results.
 */
export function makeBenchReport(results: readonly BenchResult[]): Report {
  const [first] = results;
  if (first === undefined) throw new InputError("no results, expected at least one");
  const { cpu, cores, memoryBytes, kernel } = first.machine;
  const memory = formatValue(memoryBytes, "bytes");
  return {
    title: `socklab bench: ${results.map(({ bench }) => bench).join(", ")}`,
    subject: `${cpu}, ${cores} cores, ${memory}, ${kernel}`,
    losses: [],
    warnings: warningsOf(results),
    sections: [ratiosSection(results), ...results.flatMap(metricSectionsOf)],
  };
}

function metricSectionsOf(result: BenchResult, at: number) {
  return groupByMetric(result.measurements).map(([metric, rows], index) =>
    metricSection({ id: `bench-${at}-${index}`, bench: result.bench, metric, rows }),
  );
}

/** The warnings of the benches, then the differences between their machines or programs. */
function warningsOf(results: readonly BenchResult[]): string[] {
  const differs = (what: string, of: (result: BenchResult) => string) =>
    new Set(results.map(of)).size === 1 ? [] : [`The results come from more than one ${what}.`];
  return [
    ...results.flatMap(({ bench, warnings }) => warnings.map((text) => `${bench}: ${text}`)),
    ...differs("machine", ({ machine }) => `${machine.cpu} ${machine.kernel}`),
    ...differs("version of socklab", ({ commit }) => commit),
  ];
}
