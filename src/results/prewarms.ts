import { z } from "zod";
import { PREWARM_EVENTS, type PrewarmEvent } from "../contract/observer.js";
import { formatCount, textTable } from "./text-table.js";

const count = (description: string) => z.int().nonnegative().meta({ unit: "count", description });

export const PREWARMS_MEANING =
  "Containers made ahead of need, over the whole run with its warm-up: due = made + dropped + waiting at the end, and made = used + expired + evicted + idle at the end. Absent in results of earlier versions.";

/** What became of the containers that pre-warm windows asked for. */
export const prewarmsSchema = z.object({
  due: count("Containers that pre-warm windows asked for when they ended."),
  made: count("Of these, created. Each one that is neither made nor dropped waits at the end."),
  used: count("Of those made, the ones that served an invocation."),
  expired: count("Of those made, the ones whose time was over before an invocation came."),
  evicted: count("Of those made, the ones evicted before an invocation came."),
  alreadyThere: count("Dropped: so many containers of the function were there already."),
  overtaken: count("Dropped: an invocation of the function came before its creation began."),
  failed: count("Dropped: its creation failed, or that of its Zygote, or it can never fit."),
});
export type Prewarms = z.infer<typeof prewarmsSchema>;

export class PrewarmCounter {
  readonly #counts = new Map<PrewarmEvent, number>(PREWARM_EVENTS.map((event) => [event, 0]));

  add(event: PrewarmEvent, more: number): void {
    this.#counts.set(event, this.#counts.get(event)! + more);
  }

  result(): Prewarms {
    const of = (event: PrewarmEvent) => this.#counts.get(event)!;
    return {
      due: of("due"),
      made: of("made"),
      used: of("used"),
      expired: of("expired"),
      evicted: of("evicted"),
      alreadyThere: of("already-there"),
      overtaken: of("overtaken"),
      failed: of("failed"),
    };
  }
}

/** A table of the counts that are not zero; empty if no pre-warm window ended. */
export function renderPrewarms(prewarms: Prewarms | undefined): string {
  if (prewarms === undefined || prewarms.due === 0) return "";
  const rows = Object.entries(prewarms).filter(([, containers]) => containers > 0);
  return textTable([
    ["pre-warmed", "containers"],
    ...rows.map(([name, containers]) => [`  ${LABELS[name] ?? name}`, formatCount(containers)]),
  ]);
}

const LABELS: Readonly<Record<string, string>> = {
  due: "asked for",
  alreadyThere: "already there",
};
