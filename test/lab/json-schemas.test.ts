import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { jsonSchemaText, OBJECT_NAMES, type ObjectName } from "../../src/lab/json-schemas.js";
import { makeFidelity } from "../../src/lab/validate/make-fidelity.js";
import { BOUNDS } from "../../src/results/fidelity-bounds.js";
import { runCli, temporaryFolder } from "../cli/run-cli.js";
import { benched } from "../report/bench-samples.js";
import { problemsOf } from "./json-schema-check.js";
import { SAMPLE_ASKED, samplePolicy } from "./validate/samples.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const TINY = join(ROOT, "traces", "tiny");

/** How each object comes into being. */
const MADE: Readonly<Record<ObjectName, () => Promise<unknown> | unknown>> = {
  run: async () => JSON.parse((await runCli("run", TINY, "--memory", "unlimited", "--json")).out),
  study: async () => {
    const out = await temporaryFolder();
    const program = join(ROOT, "bin", "socklab.js");
    const grid = ["--policy", "sock,openwhisk", "--seed", "1..2"];
    spawnSync(process.execPath, [program, "sweep", TINY, ...grid, "--out", out]);
    return JSON.parse(readFileSync(join(out, "study.json"), "utf8"));
  },
  bench: () => benched(),
  fidelity: () => {
    const fidelity = makeFidelity(SAMPLE_ASKED, [samplePolicy("a"), samplePolicy("b")], BOUNDS);
    return JSON.parse(JSON.stringify(fidelity));
  },
  bound: async () => JSON.parse((await runCli("bound", TINY, "--json")).out),
  size: async () => {
    const search = ["--policy", "keep-all", "--seeds", "2", "--step", "2"];
    return JSON.parse(
      (await runCli("size", TINY, "--goal", "coldRatio<=50%", ...search, "--json")).out,
    );
  },
  costs: () => JSON.parse(readFileSync(join(ROOT, "costs.json"), "utf8")),
};

describe.each(OBJECT_NAMES)("%s", (name) => {
  test("what socklab writes is valid under its JSON Schema, for a validator that is not ours", async () => {
    expect(problemsOf(name, await MADE[name]())).toEqual([]);
  });

  test("an object without its schema's name, or with a field that has another type, is not valid", async () => {
    const object = (await MADE[name]()) as object;
    expect(problemsOf(name, { ...object, schema: "socklab.other/1" })).not.toEqual([]);
    const wrong = Object.keys(object).filter((field) => field !== "schema");
    for (const field of wrong)
      expect(problemsOf(name, { ...object, [field]: () => 0 }), field).not.toEqual([]);
  });

  test("`socklab schema` prints it, as docs/reference/schemas has it", async () => {
    const { exitCode, out } = await runCli("schema", name);
    expect(exitCode).toBe(0);
    expect(out).toBe(jsonSchemaText(name));
    const file = join(ROOT, "docs", "reference", "schemas", `${name}.schema.json`);
    expect(readFileSync(file, "utf8")).toBe(out);
  });
});

test("`socklab schema` lists the objects, and refuses another name in one line", async () => {
  const { out } = await runCli("schema");
  expect(out.match(/^\w+/gm)).toEqual([...OBJECT_NAMES]);
  expect(await runCli("schema", "result")).toEqual({
    exitCode: 2,
    out: "",
    err: expect.stringMatching(/^socklab: schema: "result" is not one of run, study, .*\n$/),
  });
});
