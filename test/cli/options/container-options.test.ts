import { expect, test } from "vitest";
import { TRACE_OPTIONS } from "../../../src/cli/options/trace-options.js";
import { RUN_OPTIONS, readRunSettings } from "../../../src/cli/run.js";
import { runCommandLine } from "../../../src/lab/run/run-command-line.js";
import { USUAL_RUN } from "../../../src/lab/run/run-settings.js";
import { DEFAULT_OPTIONS } from "../../../src/real/real-setup.js";
import { runCli } from "../run-cli.js";

const DEFAULTS = Object.fromEntries(
  Object.entries({ ...RUN_OPTIONS, ...TRACE_OPTIONS }).map(([name, option]) => [
    name,
    "default" in option ? option.default : undefined,
  ]),
) as unknown as Parameters<typeof readRunSettings>[1];

test("the defaults of `run` are those of a program that calls `simulate`", () => {
  const { trace: _trace, real: _real, ...settings } = readRunSettings("traces/tiny", DEFAULTS);
  expect(settings).toEqual(USUAL_RUN);
});

test("the defaults of container options are those of the real backend", () => {
  const { containers } = readRunSettings("traces/tiny", DEFAULTS).real!;
  const { network, allowMetadata, containerLimits, scratchBytes, readySlots, sparesPerZygote } =
    DEFAULT_OPTIONS;
  expect(containers).toEqual({
    ...{ network, allowMetadata, containerLimits, scratchBytes, readySlots, sparesPerZygote },
  });
});

test("limits and pool sizes are read with their units, and the command in a real run's result repeats them", () => {
  const given = {
    backend: "real",
    network: "none",
    "allow-metadata": true,
    "container-memory": "256MiB",
    "container-cores": "0.5",
    "container-processes": "unlimited",
    scratch: "8MiB",
    "ready-slots": "0",
    spares: "2",
  };
  const settings = readRunSettings("traces/tiny", { ...DEFAULTS, ...given });
  expect(settings.real!.containers).toEqual({
    network: "none",
    allowMetadata: true,
    containerLimits: {
      memoryBytes: 256 * 1024 ** 2,
      cores: 0.5,
      processes: Number.POSITIVE_INFINITY,
    },
    scratchBytes: 8 * 1024 ** 2,
    readySlots: 0,
    sparesPerZygote: 2,
  });
  expect(runCommandLine(settings)).toContain(
    " --network none --allow-metadata --container-memory 268435456B --container-cores 0.5" +
      " --container-processes unlimited --scratch 8388608B --ready-slots 0 --spares 2",
  );
  expect(runCommandLine({ ...settings, backend: "sim" })).not.toContain("--ready-slots");
  const refusing = readRunSettings("traces/tiny", { ...DEFAULTS, backend: "real" });
  expect(runCommandLine(refusing)).not.toContain("metadata");
});

test("a container option with an impossible value is refused, and the error names the option", async () => {
  for (const [option, value] of [
    ["--container-memory", "0B"],
    ["--container-processes", "0"],
    ["--container-cores", "0"],
    ["--scratch", "unlimited"],
    ["--ready-slots", "-1"],
    ["--spares", "many"],
    ["--network", "bridge"],
  ] as const) {
    const { exitCode, err } = await runCli("run", "traces/tiny", `${option}=${value}`);
    expect([exitCode, err], option).toEqual([2, expect.stringContaining(`${option}:`)]);
  }
});
