import { parentPort, workerData } from "node:worker_threads";
import { InputError, MachineError } from "../../basics/errors.js";
import { FAMILIES, type Family } from "../../contract/policy.js";
import type { OwnSpec } from "../../policies/own-spec.js";
import { findSpec } from "../../policies/registry.js";
import { loadPolicy } from "../run/load-policy.js";
import { performRun } from "../run/perform-run.js";
import type { RunSettings } from "../run/run-settings.js";
import { PolicyWatch } from "./policy-watch.js";

/** What one run of a policy shows. */
export interface CheckedRun {
  readonly digest: string;
  /** Families that the file's policies serve, as `family=name`. */
  readonly serves: readonly string[];
  /** Policies of the file that no family uses, as `family=name`. */
  readonly unused: readonly string[];
  /** How often each question was asked. */
  readonly asked: ReadonlyMap<string, number>;
  /** Clocks and chance that it reads, with places. */
  readonly read: readonly string[];
  /** Warnings about answers of the policy. */
  readonly warnings: readonly string[];
}

/** What the thread reports. */
export type CheckThreadMessage =
  | { readonly kind: "goes on" }
  | { readonly kind: "ended"; readonly run: CheckedRun }
  | { readonly kind: "failed"; readonly isInput: boolean; readonly why: string };

const send = (message: CheckThreadMessage) => parentPort!.postMessage(message);

/** Warnings about answers that the engine does not follow. */
const REFUSALS = [
  ...["no-victim", "no-package-victim", "victim-refused"],
  ...["fork-refused", "zygote-refused"],
];

async function check(settings: RunSettings): Promise<CheckedRun> {
  const watch = new PolicyWatch();
  watch.trapChance();
  const { resolved, choices, specs } = await watch.duringLoad(() =>
    loadPolicy(settings.policy, settings.set),
  );
  const own = specs.filter((spec): spec is OwnSpec => "origin" in spec);
  const nameOf = ({ family, name }: { readonly family: Family; readonly name: string }) =>
    `${family}=${name}`;
  const chosen = FAMILIES.map((family) => findSpec(family, choices[family].name, specs, "policy"));
  const isOwn = (spec: object) => own.includes(spec as OwnSpec);
  const watched = specs.map((spec) => (isOwn(spec) ? watch.watch(spec as OwnSpec) : spec));
  const startProgress = () => ({ update: () => send({ kind: "goes on" }), stop: () => {} });
  const result = await performRun(settings, {
    policies: { resolved, choices, specs: watched },
    startProgress,
  });
  return {
    digest: result.run.digest,
    serves: chosen.filter(isOwn).map(nameOf),
    unused: own.filter((spec) => !chosen.includes(spec)).map(nameOf),
    asked: watch.asked,
    read: [...watch.read],
    warnings: result.warnings
      .filter(({ code, text }) => REFUSALS.includes(code) && /\(policy [\w-]+=/.test(text))
      .map(({ code, text, count }) => `${code}: ${text} (${count} times)`),
  };
}

try {
  send({ kind: "ended", run: await check(workerData as RunSettings) });
} catch (error) {
  if (!(error instanceof InputError || error instanceof MachineError)) throw error;
  send({ kind: "failed", isInput: error instanceof InputError, why: error.message });
}
