import type { Result } from "../../results/result.js";
import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";

/** Most runs on the page, and most of which it has the settings. */
const PAGE_RUNS = 250;
const PAGE_SETTINGS = 24;

/** Every run: its settings, the machine on which it ran, and the command that repeats it. */
export function runsSection({ results }: Dataset): Section {
  const left = results.length - PAGE_SETTINGS;
  const cut = left > 0 ? ` The configurations of ${left} further runs are in the JSON.` : "";
  return {
    id: "runs",
    title: "Runs",
    text: `Equal digests mean equal decisions. Below are the command that repeats each run, and all its settings.${cut}`,
    figures: [],
    table: {
      id: "runs",
      columns: [
        { name: "id", title: "run", unit: "text" },
        { name: "seed", title: "seed", unit: "integer" },
        { name: "backend", title: "backend", unit: "text" },
        { name: "invocations", title: "invocations", unit: "count" },
        { name: "wallUs", title: "took", unit: "microseconds" },
        { name: "startedAt", title: "started", unit: "text" },
        { name: "version", title: "version", unit: "text" },
        { name: "commit", title: "commit", unit: "text" },
        { name: "digest", title: "digest", unit: "text" },
        { name: "machine", title: "machine", unit: "text" },
        { name: "command", title: "command", unit: "text" },
      ],
      rows: results.map(({ run, invocations }) => [
        run.id,
        run.seed,
        run.backend,
        invocations.total,
        run.wallUs,
        run.startedAt,
        run.version,
        run.commit,
        run.digest,
        `${run.machine.cpu}, ${run.machine.cores} cores, ${run.machine.kernel}, Node ${run.machine.node}`,
        run.command,
      ]),
    },
    isTableOpen: false,
    isScreenOnly: true,
    pageRows: PAGE_RUNS,
    blocks: results.slice(0, PAGE_SETTINGS).map(describeRun),
  };
}

function describeRun({ run }: Result) {
  const { id, command, ...settings } = run;
  return { title: id, text: `${command}\n\n${JSON.stringify(settings, null, 1)}` };
}
