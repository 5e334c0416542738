import { rank } from "../../results/ranking.js";
import type { Dataset } from "../dataset.js";
import {
  competitorsOf,
  joined,
  leadersText,
  leadText,
  QUESTIONS,
  uncertainTexts,
} from "../findings.js";
import { formatMemory } from "../format-cell.js";
import type { Section } from "../section.js";
import type { Cell } from "../table.js";

const NOT_DECIDED = "not decided";

/** Who is best by each measure at each memory size, and by how much; undefined: nothing competes. */
export function winnersSection(dataset: Dataset): Section | undefined {
  const groups = competitorsOf(dataset);
  if (groups.length === 0) return undefined;
  return {
    id: "winners",
    title: "Who is best, and by how much",
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
        })),
      ],
      rows: groups.map((group): Cell[] => {
        const { memoryBytes } = group[0];
        return [
          memoryBytes ?? formatMemory(null),
          ...QUESTIONS.map(({ metric }) => {
            const ranking = rank(group, metric);
            const names = leadersText(ranking, group);
            if (names === undefined) return NOT_DECIDED;
            const uncertain = uncertainTexts(ranking, metric);
            const rest =
              uncertain.length > 0 ? `; too uncertain to rank: ${joined(uncertain)}` : "";
            return `${names}: ${leadText(ranking, metric)}${rest}`;
          }),
        ];
      }),
    },
    isTableOpen: true,
  };
}
