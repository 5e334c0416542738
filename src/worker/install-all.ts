import type { Installer } from "../real/packages/installer.js";
import type { PackageMeta } from "../real/packages/package-metadata.js";
import { InstallError } from "../real/packages/package-store.js";
import type { FunctionUpload } from "./worker.js";

/** The packages of an upload. */
export interface InstalledUpload {
  /** All packages as `name==version`. */
  readonly requirements: readonly string[];
  /** What is known of each package, by its key. */
  readonly installed: ReadonlyMap<string, PackageMeta>;
}

/**
 * Installs everything that an upload requires, after finding versions if they are not all pinned.
 * Errors: InstallError that names all packages which cannot be installed, InputError for a marker.
 */
export async function installAll(
  installer: Installer,
  upload: FunctionUpload,
): Promise<InstalledUpload> {
  const requirements = await pinnedFor(installer, upload);
  const { hashes } = upload.requirements;
  const ends = await Promise.allSettled(
    requirements.map((each) => installer.install(each, hashes.get(each))),
  );
  const faults = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
  if (faults.length > 0) throw allOf(faults);
  // The engine may evict a package before the last one is there: the reports keep what is known.
  const reports = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  return { requirements, installed: new Map(reports.map(({ key, meta }) => [key, meta])) };
}

async function pinnedFor(
  installer: Installer,
  { requirements: { pinned, asked, constraints }, lock }: FunctionUpload,
): Promise<readonly string[]> {
  if (asked.length === 0) return installer.applying(pinned);
  if (lock !== undefined && lock.asked.join("\n") === asked.join("\n")) return lock.packages;
  return installer.resolve(asked, constraints);
}

/** One error for several: another attempt may help only if the requirements are not at fault. */
function allOf(faults: readonly unknown[]): unknown {
  const known = faults.filter((each) => each instanceof InstallError);
  if (known.length < faults.length || known.length === 1) return faults[0];
  const { reason } = known.find((each) => each.reason !== "failed") ?? known[0];
  return new InstallError(reason, known.map(({ message }) => message).join("; "));
}
