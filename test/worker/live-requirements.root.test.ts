import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { liveStand } from "./live-stand.js";

const WITH_BETA = "import pkg_beta\ndef f(event):\n    return pkg_beta.__name__\n";

const HELLO = "def f(event):\n    return 1\n";

/** The SHA-256 of the wheel of a package in a folder. */
function hashOf(wheels: string, name: string): string {
  const file = readdirSync(wheels).find((each) => each.startsWith(`${name}-`))!;
  return createHash("sha256")
    .update(readFileSync(join(wheels, file)))
    .digest("hex");
}

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

  testWithPip(
    "versions are found for a list that is not pinned, and the function shows both",
    async () => {
      const { ask } = await liveStand();
      const put = await ask("PUT", registry("f", "beta>=0.5,<2"), WITH_BETA);
      expect([put.status, JSON.parse(put.text)]).toEqual([
        201,
        {
          ...{ name: "f", revision: 1 },
          requirements: ["alpha==1.0", "beta==1.0"], // beta depends on alpha
          asked: ["beta>=0.5,<2"],
        },
      ]);
      expect((await ask("POST", "/run/f")).text).toBe('"pkg_beta"');
      const refused = await ask("PUT", registry("g", "beta>=7"), WITH_BETA);
      expect([refused.status, refused.text]).toEqual([422, expect.stringContaining("beta")]);
    },
  );

  testWithPip("a package is installed only if its file has a hash of the list", async () => {
    const { layout, ask } = await liveStand();
    const [right, wrong] = [hashOf(join(layout.root, "../../wheels"), "alpha"), "0".repeat(64)];
    const line = (hash: string) => `alpha==1.0 --hash=sha256:${hash}`;
    const bad = await ask(
      "PUT",
      registry("f", `${line(wrong)},beta==1.0 --hash=sha256:${wrong}`),
      HELLO,
    );
    expect(bad.status).toBe(422);
    for (const name of ["alpha==1.0", "beta==1.0"]) expect(bad.text).toContain(`${name}: `);
    expect(readdirSync(layout.packages)).toEqual([]);
    const two = `${line(wrong)} --hash=sha256:${right}`; // pip-compile lists all files of a version
    expect((await ask("PUT", registry("f", two), HELLO)).status).toBe(201);
  });

  testWithPip(
    "a package on disk that nobody has checked is checked when a list has hashes",
    async () => {
      const { layout, ask } = await liveStand();
      const right = hashOf(join(layout.root, "../../wheels"), "alpha");
      const hashed = `alpha==1.0 --hash=sha256:${right}`;
      expect((await ask("PUT", registry("a", "alpha==1.0"), HELLO)).status).toBe(201);
      expect((await ask("PUT", registry("b", hashed), HELLO)).status).toBe(201);
      const bad = await ask(
        "PUT",
        registry("c", `alpha==1.0 --hash=sha256:${"0".repeat(64)}`),
        HELLO,
      );
      expect([bad.status, bad.text]).toEqual([422, expect.stringContaining("alpha==1.0: ")]);
    },
  );

  testWithPip("a dependency that is not in the list is named", async () => {
    const { ask } = await liveStand();
    const put = await ask("PUT", registry("f", "beta==1.0"), WITH_BETA);
    expect([put.status, put.text]).toEqual([400, expect.stringContaining("depends on alpha==1.0")]);
  });
});
