import type { Configuration } from "../../results/configurations.js";
import { lostShare } from "../../results/loss.js";
import type { Metric } from "../../results/metrics.js";
import { rank } from "../../results/ranking.js";
import type { Result } from "../../results/result.js";
import type { Dataset } from "../dataset.js";
import {
  competitorsOf,
  joined,
  leadersText,
  leadText,
  QUESTIONS,
  uncertainTexts,
} from "../findings.js";
import { formatMemory, formatValue } from "../format-cell.js";
import type { Section } from "../section.js";
import type { Cell } from "../table.js";

type Group = readonly Configuration<Result>[];

const NOT_DECIDED = "not decided";

/** Who is best by each measure at each memory size, and by how much; undefined: nothing competes. */
export function winnersSection(dataset: Dataset): Section | undefined {
  const { groups, overloaded } = dataset;
  const competing = new Map(groups.map((group) => [group, competitorsOf(group, overloaded)]));
  if ([...competing.values()].every((group) => group.length === 0)) return undefined;
  return {
    id: "winners",
    title: "Which policy is best, and by how much",
    isAnswer: true,
    text: "The best policy at each memory size, its mean over the seeds, and its difference from the next one that the seeds distinguish from it: each ± is half a 95 % interval, that of the difference paired by seed. If several policies are named, the seeds do not distinguish them. A policy is too uncertain to rank if the seeds do not distinguish it from the best, but its mean is worse than that of one that they do distinguish.",
    figures: [],
    table: {
      id: "winners",
      columns: [
        { name: "memory", title: "memory", unit: "bytes" },
        ...QUESTIONS.map(({ metric, best }) => ({
          name: metric.name,
          title: best,
          unit: "text" as const,
          hasLead: true,
        })),
      ],
      rows: groups.map((group): Cell[] => {
        const [{ memoryBytes }] = group;
        const competitors = competing.get(group)!;
        const cells =
          competitors.length > 0
            ? QUESTIONS.map(({ metric }) => answerOf(competitors, metric))
            : [whyNotCompared(group, overloaded), ...QUESTIONS.slice(1).map(() => null)];
        return [memoryBytes ?? formatMemory(null), ...cells];
      }),
      lostRows: new Set(
        groups.flatMap((group, at) => (competing.get(group)!.length === 0 ? [at] : [])),
      ),
    },
    isTableOpen: true,
  };
}

function answerOf(group: Group, metric: Metric): string {
  const ranking = rank(group, metric);
  const names = leadersText(ranking, group);
  if (names === undefined) return NOT_DECIDED;
  const uncertain = uncertainTexts(ranking, metric);
  const rest = uncertain.length > 0 ? `; too uncertain to rank: ${joined(uncertain)}` : "";
  return `${names}: ${leadText(ranking, metric)}${rest}`;
}

/** `not compared: all lost 53 % to 54 %`, or how many did. */
function whyNotCompared(group: Group, overloaded: Dataset["overloaded"]): string {
  const lost = group.filter((each) => overloaded.has(each)).map(lostShare);
  if (lost.length === 0) return "not compared: one policy only";
  const ends = [Math.min(...lost), Math.max(...lost)].map((share) => formatValue(share, "ratio"));
  const many = lost.length === group.length ? "all" : `${lost.length} of ${group.length}`;
  return `not compared: ${many} lost ${[...new Set(ends)].join(" to ")}`;
}
