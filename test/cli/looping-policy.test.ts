import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "./run-cli.js";

const LOOPS = {
  "mine.mjs": `export default { family: "evict", name: "mine", summary: "s", source: "s", departures: [],
    parameters: {}, create: () => ({ victim() { process.stderr.write("loops"); for (;;); } }) };`,
  "mine.py": `import sys
family, name, summary, source = "evict", "mine", "s", "s"
class Mine:
    def victim(self, view, needed_bytes):
        print("loops", flush=True)
        while True: pass
def create(parameters, context): return Mine()
`,
};

test.each(
  Object.entries(LOOPS).flatMap(([name, text]) =>
    (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => [name, signal, text] as const),
  ),
)(
  "a policy that loops for ever, %s, does not keep %s from ending the run, and nothing is left",
  async (name, signal, text) => {
    if (!existsSync("dist/cli/main.js")) throw new Error("dist is missing: npm run build");
    const folder = await temporaryFolder();
    const path = join(folder, name);
    writeFileSync(path, text);
    const outputs = ["--out", join(folder, "out.json"), "--journal", join(folder, "run.jsonl")];
    const small = ["--policy", path, "--set", "zygote=none", "--memory", "300MiB"];
    const child = spawn(process.execPath, ["bin/socklab.js", "run", "tiny", ...small, ...outputs], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let err = "";
    const ended = new Promise((resolve) => child.on("exit", (_, by) => resolve(by)));
    await new Promise<void>((resolve) => {
      child.on("exit", () => resolve());
      child.stderr.on("data", (chunk) => {
        err += String(chunk);
        if (err.includes("loops")) resolve();
      });
    });
    expect(err.trim()).toBe("loops");
    child.kill(signal);
    expect(await ended).toBe(signal);
    expect(readdirSync(folder)).toEqual([name]);
  },
  30_000,
);
