import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { BOUNDS } from "../../../src/results/fidelity-bounds.js";
import { type Fidelity, fidelitySchema } from "../../../src/results/fidelity-result.js";
import { runCli } from "../../cli/run-cli.js";
import { testWithPip } from "../../real/needs.js";
import { describeReal } from "../../real/stand.js";
import { temporaryState } from "../../real/state-folder.js";
import { START_TIMEOUT_MS } from "../../slowness.js";

const ROOT = new URL("../../..", import.meta.url).pathname;
const SMALL = ["validate", "traces/tiny", "--functions", "4", "--run-times", "zero"];
const SHORT = ["--minutes", "4", "--speedup", "80"];
const UNBOUNDED = BOUNDS.flatMap(({ name }) => ["--bound", `${name}=off`]);

function errorsOf(fidelity: Fidelity, name: string) {
  return fidelity.policies.map(
    ({ measures }) => measures.find((measure) => measure.name === name)!,
  );
}

const errorsIn = ({ policies }: Fidelity) => policies.map(({ measures }) => measures);

describeReal("a trace on both backends", () => {
  testWithPip(
    "two policies with two runs each: without bounds the command exits with 0",
    async () => {
      const { folder, layout } = await temporaryState();
      const [out, runs] = [join(folder, "fidelity.json"), join(folder, "runs")];
      const files = ["--state", layout.root, "-o", out, "--runs", runs];
      const twice = ["--policy", "sock,faascache", "--repeats", "2", "--memory", "256MiB"];
      const { exitCode, err } = await runCli(...SMALL, ...SHORT, ...twice, ...UNBOUNDED, ...files);
      expect(exitCode, err).toBe(0);
      const fidelity = fidelitySchema.parse(JSON.parse(readFileSync(out, "utf8")));
      expect(fidelity.policies.map(({ label }) => label)).toEqual(["sock", "faascache"]);
      for (const { real, sim } of fidelity.policies) {
        expect([real.length, sim.length]).toEqual([2, 2]);
        expect([...real, ...sim].map(({ replay }) => replay.divergence)).toEqual(
          Array(4).fill(null),
        );
      }
      // with the cost of each same operation, the simulator makes the same decisions at the same
      // times
      for (const name of ["startKinds", "disagreement", "startupMean", "startupP99"]) {
        expect(errorsOf(fidelity, name).map((each) => each.sameAgainstReal?.max)).toEqual([0, 0]);
      }
      // per policy 2 real, 2 simulated, 2 drawn and 2 same runs, with a journal and a result each
      expect(readdirSync(runs)).toHaveLength(2 * 8 * 2);
      expect(existsSync(layout.root)).toBe(false);
      const again = await runCli(
        ...[...SMALL, ...SHORT, ...twice, ...UNBOUNDED, "--runs", runs, "--json"],
      );
      expect(again.err).not.toContain("real"); // the real runs come from the folder
      expect(errorsIn(JSON.parse(again.out))).toEqual(errorsIn(fidelity));
      const other = await runCli(...SMALL, ...SHORT, "--policy", "sock", "--runs", runs);
      expect(other.exitCode).toBe(2);
      expect(other.err).toContain("is the result of another run");
    },
  );

  testWithPip("a bound that no run can meet exits with 1, and the object is written", async () => {
    const { folder, layout } = await temporaryState();
    const out = join(folder, "fidelity.json");
    const once = ["--policy", "keep-all", "--packages", "none", "--repeats", "1"];
    const { exitCode, out: text } = await runCli(
      ...[...SMALL, ...SHORT, ...UNBOUNDED, ...once, "--bound", "p99=0%"],
      ...["--state", layout.root, "-o", out],
    );
    expect(exitCode).toBe(1);
    expect(text).toContain("not within the bounds");
    const { bounds } = fidelitySchema.parse(JSON.parse(readFileSync(out, "utf8")));
    expect(bounds).toMatchObject([{ name: "p99", limit: 0, isMet: false, policy: "keep-all" }]);
  });

  testWithPip("SIGTERM during a real run leaves no folder", async () => {
    const { folder, layout } = await temporaryState();
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    const code = 'import("./src/cli/main.ts").then((main) => main.start())';
    const argv = [...SMALL, "--minutes", "10", "--state", layout.root];
    const child = spawn(process.execPath, ["--import", "tsx", "-e", code, "socklab", ...argv], {
      cwd: ROOT,
      stdio: "ignore",
      env: { ...process.env, TMPDIR: temporary },
    });
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const journals = () => readdirSync(temporary).filter((name) => name.startsWith("socklab-"));
    await expect.poll(() => existsSync(layout.lock), { timeout: START_TIMEOUT_MS }).toBe(true);
    expect(journals()).toHaveLength(1);
    child.kill("SIGTERM");
    expect(await ended).toBe("SIGTERM");
    expect(journals()).toEqual([]);
    expect(existsSync(layout.root)).toBe(false);
  });
});
