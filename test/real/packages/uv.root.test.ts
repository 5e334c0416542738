import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { INSTALL_UID } from "../../../src/real/host/guest-users.js";
import { findPackageTool } from "../../../src/real/packages/find-python.js";
import { killInstaller } from "../../worker/kill-installer.js";
import { liveStand } from "../../worker/live-stand.js";
import { uvTests } from "../find-uv.js";
import { describeReal } from "../stand.js";

const WITH_BETA = "import pkg_beta\ndef f(event):\n    return pkg_beta.__name__\n";

describeReal("with uv on PATH", () => {
  const testWithUv = uvTests();

  testWithUv("uv installs the packages, and a function gets them", async () => {
    expect((await findPackageTool(undefined, INSTALL_UID)).kind).toBe("uv");
    const { layout, ask, expectNothingCharged } = await liveStand();
    const put = await ask("PUT", "/registry/f?requirements=alpha==1.0,beta==1.0", WITH_BETA);
    expect([put.status, put.text]).toEqual([201, expect.stringContaining("beta==1.0")]);
    expect((await ask("POST", "/run/f")).text).toBe('"pkg_beta"');
    const folder = join(layout.packages, "beta==1.0");
    expect(JSON.parse(readFileSync(join(folder, "meta.json"), "utf8"))).toMatchObject({
      dependencies: ["alpha==1.0"],
      topLevel: ["pkg_beta"],
    });
    const module = statSync(join(folder, "site-packages", "pkg_beta", "__init__.py"));
    expect([module.uid, module.mode & 0o777]).toEqual([process.getuid!(), 0o644]);
    expect(readdirSync(join(folder, "site-packages", "pkg_beta"))).toContain("__pycache__");
    // each package is installed alone
    expect(existsSync(join(folder, "site-packages", "pkg_alpha"))).toBe(false);
    await expectNothingCharged();
  });

  testWithUv("a package that the index lacks is refused with uv's own message", async () => {
    const { layout, ask } = await liveStand();
    const put = await ask("PUT", "/registry/f?requirements=gamma==1.0", WITH_BETA);
    expect([put.status, put.text]).toEqual([422, expect.stringMatching(/uv: .*gamma/)]);
    await expect.poll(() => readdirSync(layout.staging)).toEqual([]);
  });

  testWithUv("killed in the middle, it fails only its own upload", killInstaller);
});
