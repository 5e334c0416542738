import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { INSTALL_UID } from "../../real/host/guest-users.js";
import { runProgram } from "../../real/host/run-program.js";
import { normaliseName } from "../../real/packages/package-names.js";
import { InstallError } from "../../real/packages/package-store.js";
import { indexArguments, lastLine, type PackageIndex } from "../../real/packages/package-tool.js";

const TIMEOUT_US = 300_000_000;
const reportShape = z.object({
  install: z.array(z.object({ metadata: z.object({ name: z.string(), version: z.string() }) })),
});

/**
 * The versions that pip chooses for requirements (PEP 508) and all that they depend on, as
 * `name==version`. Nothing is installed. Errors: InstallError with pip's last line.
 */
export async function closeRequirements(
  python: string,
  index: PackageIndex,
  requirements: readonly string[],
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "socklab-resolve-"));
  try {
    await chown(folder, INSTALL_UID, INSTALL_UID);
    const report = join(folder, "report.json");
    const how = ["--quiet", "--no-input", "--no-color", "--no-cache-dir", "--dry-run"];
    const what = ["--ignore-installed", "--report", report, ...indexArguments(index)];
    const pip = ["-I", "-m", "pip", "--disable-pip-version-check", "install"];
    const { exitCode, err } = await runProgram(python, [...pip, ...how, ...what, ...requirements], {
      cwd: folder,
      env: { ...(process.env as Record<string, string>), HOME: folder, TMPDIR: folder },
      uid: INSTALL_UID,
      timeoutUs: TIMEOUT_US,
    });
    if (exitCode !== 0) throw new InstallError("failed", lastLine(err));
    const { install } = reportShape.parse(JSON.parse(await readFile(report, "utf8")));
    return install.map(({ metadata: { name, version } }) => `${normaliseName(name)}==${version}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
