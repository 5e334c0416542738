import { type LoadedPolicies, loadPolicy } from "../run/load-policy.js";
import type { RunSettings } from "../run/run-settings.js";
import { ConfigurationHasher } from "./configuration-hash.js";
import type { GridPoint } from "./grid-point.js";

/** A run of a sweep: its name, settings and policies. */
export interface PlannedRun {
  /** The name of its result file, without the extension. */
  readonly hash: string;
  /** Its value on each axis of the grid that has more than one value. */
  readonly varying: Readonly<Record<string, string>>;
  readonly settings: RunSettings;
  readonly policies: LoadedPolicies;
}

/**
 * Loads the policies of a grid's points and names each by its hash. Points with equal hashes are
 * one run. Errors: InputError if a policy or a file cannot be read.
 */
export async function planRuns(points: readonly GridPoint[]): Promise<readonly PlannedRun[]> {
  const hasher = new ConfigurationHasher();
  const loaded = new Map<string, Promise<LoadedPolicies>>();
  const runs = new Map<string, PlannedRun>();
  for (const { settings, varying } of points) {
    const key = JSON.stringify([settings.policy, settings.set]);
    const loading = loaded.get(key) ?? loadPolicy(settings.policy, settings.set);
    loaded.set(key, loading);
    const policies = await loading;
    const hash = await hasher.hash(settings, policies);
    if (!runs.has(hash)) runs.set(hash, { hash, varying, settings, policies });
  }
  return [...runs.values()];
}

/**
 * The name of a run within its grid, such as `policy=sock memory=1GiB seed=1`. If the grid has only
 * one run, its policy names it.
 */
export function labelOf({ varying, settings }: PlannedRun): string {
  const values = Object.entries(varying).map(([name, value]) => `${name}=${value}`);
  return values.length === 0 ? `policy=${settings.policy}` : values.join(" ");
}
