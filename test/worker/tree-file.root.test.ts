import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { runCli } from "../cli/run-cli.js";
import { testWithPip } from "../real/needs.js";
import { describeReal, leftovers } from "../real/stand.js";
import { temporaryState } from "../real/state-folder.js";
import { liveStand } from "./live-stand.js";

const USER = "import pkg_beta\ndef f(event): return pkg_beta.__name__\n";

async function treeFile(text: string): Promise<string> {
  const { folder } = await temporaryState();
  const path = join(folder, "tree.json");
  writeFileSync(path, text);
  return path;
}

describeReal("a worker with a Zygote tree from a file", () => {
  testWithPip("a function that is registered later starts from the tree's Zygote", async () => {
    const leaf = { packages: ["beta==1.0"], children: [] };
    const other = { packages: ["unknown==3.0"], children: [] };
    const path = await treeFile(JSON.stringify({ packages: [], children: [other, leaf] }));
    const { ask } = await liveStand({ zygotes: `openlambda:tree=${path}` });
    expect((await ask("PUT", "/registry/f?requirements=beta", USER)).status).toBe(201);
    expect((await ask("POST", "/run/f")).text).toBe('"pkg_beta"');
    const zygotes = JSON.parse((await ask("GET", "/debug/zygotes")).text) as {
      packages: string[];
    }[];
    expect(zygotes.map(({ packages }) => packages)).toEqual([[], ["alpha==1.0", "beta==1.0"]]);
  });

  for (const [what, text] of Object.entries({ "is not JSON": "{", "is no tree": '{"a": 1}' })) {
    testWithPip(
      `a file that ${what} ends the worker with one line, and nothing is left`,
      async () => {
        const { layout } = await temporaryState();
        const set = `zygote=openlambda:tree=${await treeFile(text)}`;
        const options = ["--port", "0", "--state", layout.root, "--set", set];
        const { exitCode, err } = await runCli("worker", ...options);
        expect([exitCode, err]).toEqual([2, expect.stringMatching(/^[^\n]*tree\.json[^\n]*\n$/)]);
        expect(leftovers(layout.root)).toEqual([]);
      },
    );
  }
});
