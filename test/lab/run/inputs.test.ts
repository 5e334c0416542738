import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";

async function inputsOf(...argv: readonly string[]) {
  const { exitCode, out, err } = await runCli("run", ...argv, "--json");
  expect([exitCode, err]).toEqual([0, ""]);
  const { run } = JSON.parse(out);
  return { ...run.inputs, digest: run.digest };
}

test("a result names the catalogue and the cost file, and says whether they ship with socklab", async () => {
  const usual = await inputsOf("tiny", "--minutes", "2");
  expect(usual).toMatchObject({
    catalogue: { kind: "invented", isShipped: true, drawnFor: 0 },
    costs: { name: "costs.json", isShipped: true },
  });
  const none = await inputsOf("tiny", "--minutes", "2", "--packages", "none", "--policy", "lru");
  expect(none.catalogue).toEqual({ kind: "none", name: "none", isShipped: false, drawnFor: 0 });
  // the shipped file by its path is the shipped one
  const given = await inputsOf("tiny", "--minutes", "2", "--costs", "costs.json");
  expect(given.costs.isShipped).toBe(true);
  expect(given.digest).toBe(usual.digest);
});

test("the heading of a run says that a trace without packages gets invented ones, and how to leave them out", async () => {
  const path = join(await temporaryFolder(), "rows.csv");
  writeFileSync(path, "app,func,end_timestamp,duration\na,f,1,0.5\na,g,2,0.5\n");
  const { out } = await runCli("run", `azure-2021:${path}`, "--policy", "lru");
  expect(out).toMatch(
    /^ {2}packages: invented \(catalogue\.json\.gz of socklab\), drawn for 2 functions because the trace names none; --packages none leaves them out$/m,
  );
  expect(out).toMatch(/^ {2}costs: costs\.json of socklab$/m);
});
