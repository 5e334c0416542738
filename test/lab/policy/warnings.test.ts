import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";

test.each([
  [
    "names nothing",
    "victim: () => null",
    /^the evict policy|but the evict policy named nothing that may go/,
  ],
  [
    "names a busy container",
    'victim: () => ({ tier: "handler", container: 9999 })',
    /named a container that is not idle/,
  ],
])(
  "a policy that %s is the culprit of the warning, with file and line",
  async (_, victim, text) => {
    const path = join(await temporaryFolder(), "mine.mjs");
    const lines = [
      'export default { family: "evict", name: "mine", summary: "s", source: "s", departures: [],',
      `  parameters: {}, create: () => ({`,
      `    ${victim} }) };`,
    ];
    writeFileSync(path, lines.join("\n"));
    const small = ["--set", "zygote=none", "--memory", "300MiB", "--json"];
    const { exitCode, out } = await runCli("run", "tiny", "--policy", path, ...small);
    expect(exitCode).toBe(0);
    const { warnings } = JSON.parse(out) as { warnings: { code: string; text: string }[] };
    const found = warnings.find((warning) => text.test(warning.text));
    expect(found?.text).toMatch(/\(policy evict=mine, at .*mine\.mjs:3\)$/);
  },
);

test("an error of a notice is one line that names the notice, the file and the line", async () => {
  const path = join(await temporaryFolder(), "mine.mjs");
  const text = `class Mine {
    victim() { return null; }
    onStart(view) { return view.no.such; }
  }
  export default { family: "evict", name: "mine", summary: "s", source: "s", departures: [],
    parameters: {}, create: () => new Mine() };`;
  writeFileSync(path, text);
  const { exitCode, err } = await runCli("run", "tiny", "--policy", path);
  expect(exitCode).toBe(2);
  expect(err).toMatch(/^socklab: .*onStart threw: TypeError: .*, at .*mine\.mjs:3\n$/);
});
