import { readdirSync } from "node:fs";
import { expect } from "vitest";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { liveStand } from "./live-stand.js";

const WITH_BETA = "import pkg_beta\ndef f(event):\n    return pkg_beta.__name__\n";

/** The path that registers a function with these requirements. */
function registry(name: string, requirements: string): string {
  return `/registry/${name}?requirements=${encodeURIComponent(requirements)}`;
}

describeReal("a worker's uploads", () => {
  testWithPip("1.0, 1.0.0 and 0!1.0 of a package are one package on disk, and work", async () => {
    const { layout, ask } = await liveStand();
    for (const [name, version] of Object.entries({ a: "1.0", b: "1.0.0", c: "0!1.0" })) {
      const wanted = registry(name, `alpha[x,y]==1.0,beta==${version}`);
      const put = await ask("PUT", wanted, WITH_BETA);
      expect([put.status, put.text]).toEqual([201, expect.stringContaining(`beta==${version}`)]);
      expect((await ask("POST", `/run/${name}`)).text).toBe('"pkg_beta"');
    }
    expect(readdirSync(layout.packages).sort()).toEqual(["alpha==1.0", "beta==1.0"]);
  });

  testWithPip("a requirement whose marker does not hold here is not installed", async () => {
    const { ask } = await liveStand();
    const lines = [
      "--index-url https://elsewhere.example/simple",
      "alpha==1.0 ; sys_platform == 'linux'",
      "beta==1.0 ; python_version >= '3'",
      "nowhere==9 ; sys_platform == 'win32'",
    ];
    const put = await ask("PUT", registry("f", lines.join(",")), WITH_BETA);
    expect(put.status, put.text).toBe(201);
    const shown = JSON.parse((await ask("GET", "/registry/f")).text) as object;
    expect(shown).toEqual({
      name: "f",
      revision: 1,
      requirements: ["alpha==1.0", "beta==1.0"],
      notes: [expect.stringContaining("packages come from the worker's index")],
    });
    expect((await ask("POST", "/run/f")).text).toBe('"pkg_beta"');
    const refused = await ask("PUT", registry("g", "alpha==1.0 ; nonsense"), WITH_BETA);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("nonsense")]);
  });

  testWithPip("a dependency that is not in the list is named", async () => {
    const { ask } = await liveStand();
    const put = await ask("PUT", registry("f", "beta==1.0"), WITH_BETA);
    expect([put.status, put.text]).toEqual([400, expect.stringContaining("depends on alpha==1.0")]);
  });
});
