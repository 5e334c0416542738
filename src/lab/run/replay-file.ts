import { createReadStream } from "node:fs";
import { InputError } from "../../basics/errors.js";
import { RandomStreams } from "../../basics/random.js";
import type { ReplayListener } from "../../contract/listener.js";
import { type Observer, SILENT_OBSERVER } from "../../contract/observer.js";
import type { PolicyHooks } from "../../contract/policy.js";
import { makePolicies } from "../../policies/registry.js";
import type { ReplaySetup } from "../../run/journal/header.js";
import { futureOf, trainedOf } from "../../run/journal/journal-rows.js";
import type { JournalHeader } from "../../run/journal/journal-writer.js";
import { type ReplayResult, replayJournal } from "../../run/journal/replay.js";
import { blamePolicy } from "../policy/known-places.js";
import { reloadPolicies } from "./load-policy.js";
import { policyContext } from "./policy-context.js";

/** Objects that are notified of what happens in a replay. They do not change it. */
export interface ReplayListeners {
  readonly observer?: Observer;
  readonly listener?: ReplayListener;
  /** Receives the notices that policies receive. */
  readonly hooks?: PolicyHooks;
}

/** Feeds a journal to a fresh engine. Errors: InputError naming the file, and its line. */
export async function replayFile(
  path: string,
  listeners: ReplayListeners = {},
): Promise<ReplayResult> {
  // A replay compares operations, so the engine's counts are optional.
  const { observer = SILENT_OBSERVER, listener, hooks = {} } = listeners;
  const makeAgain = async (header: JournalHeader, setup: ReplaySetup) => {
    const resolved = { choices: header.policies, modules: header.modules };
    const { choices, specs } = await reloadPolicies(resolved, path);
    const trained = header.trained && trainedOf(header.trained);
    const future = header.future && futureOf(header.future);
    const context = policyContext(setup.config, setup, { trained, future });
    const policies = makePolicies(choices, specs, context, new RandomStreams(header.seed));
    // all members receive notices; only the families are asked questions
    return { ...policies, listeners: hooks };
  };
  try {
    return await replayJournal(linesOf(path), path, makeAgain, observer, listener);
  } catch (error) {
    throw blamePolicy(error);
  }
}

/**
 * The complete lines of a file. Text after the last line break is a line whose writing was cut off,
 * and is left out.
 */
async function* linesOf(path: string): AsyncIterable<string> {
  const input = createReadStream(path, "utf8");
  let rest = "";
  try {
    for await (const chunk of input) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === undefined) throw error;
    throw new InputError(`${path}: cannot be read (${reason}), expected a journal`);
  } finally {
    input.destroy();
  }
}
