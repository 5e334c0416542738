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
    facts: [
      ["benches", results.map(({ bench }) => bench).join(", ")],
      ["machine", `${cpu}, ${cores} cores, ${memory}`],
      ["kernel", kernel],
      [
        "made by",
        [...new Set(results.map((each) => `socklab ${each.version} (${each.commit})`))].join(", "),
      ],
    ],
    verdict: verdictOn(results),
    findings: findingsOf(results),
    losses: [],
    leftOut: [],
    warnings: warningsOf(results),
    sections: [ratiosSection(results), ...results.flatMap(metricSectionsOf)],
  };
}

function metricSectionsOf(result: BenchResult, at: number) {
  return groupByMetric(result.measurements).map(([metric, rows], index) =>
    metricSection({ id: `bench-${at}-${index}`, bench: result.bench, metric, rows }),
  );
}

/** How many comparisons are decided for us, if any were made. */
function verdictOn(results: readonly BenchResult[]): Report["verdict"] {
  const ratios = results.flatMap((each) =>
    each.ratios.filter(({ low, high }) => low !== null && high !== null),
  );
  if (ratios.length === 0) return undefined;
  const better = ratios.filter(({ low }) => low! > 1).length;
  const worse = ratios.filter(({ high }) => high! < 1).length;
  const open = ratios.length - better - worse;
  return {
    isGood: worse === 0,
    text: `Ours is better in ${better} of ${ratios.length} comparisons and worse in ${worse}; the intervals do not decide ${open}.`,
  };
}

/** The comparisons that ours loses: a reader should not have to look for them. */
function findingsOf(results: readonly BenchResult[]): string[] {
  return results.flatMap(({ ratios }) =>
    ratios
      .filter(({ high }) => high !== null && high < 1)
      .map(
        ({ title, ours, peer, ratio }) =>
          `${title}: ${ours} is behind ${peer}, ${formatValue(ratio!, "factor")}.`,
      ),
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
