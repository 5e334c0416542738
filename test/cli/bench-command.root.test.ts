import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import yargs from "yargs";
import { benchCommand } from "../../src/cli/bench.js";
import type { Footprint } from "../../src/contract/footprint.js";
import type { Bench } from "../../src/lab/bench/bench.js";
import { benchSchema } from "../../src/results/bench-result.js";
import { measured, ratioOf } from "../../src/results/measurements.js";
import { describeReal } from "../real/stand.js";
import { temporaryFolder } from "./run-cli.js";

let usedFolder = "";

/** A bench with one metric, in which our contender takes 1 us and the peer takes 3 us. */
const quick = (name: Bench["name"]): Bench => ({
  name,
  summary: "quick",
  run: async ({ folder }) => {
    usedFolder = folder;
    await writeFile(join(folder, "left"), "");
    const of = { contender: "ours", does: "d", metric: "m", unit: "us" } as const;
    const [ours, peer] = [measured(of, [1]), measured({ ...of, contender: "peer" }, [3])];
    return {
      measurements: [ours, peer],
      ratios: [ratioOf({ title: name }, ours, peer)],
      warnings: [],
    };
  },
});

const broken: Bench = {
  name: "image",
  summary: "broken",
  run: async () => {
    throw new Error("no luck");
  },
};

async function command(benches: readonly Bench[], ...argv: readonly string[]) {
  const said = { out: "", err: "" };
  const io = {
    out: { write: (text: string) => (said.out += text) },
    err: { write: (text: string) => (said.err += text) },
  };
  const parser = yargs()
    .command({ command: "bench <bench>", ...benchCommand(io, benches) })
    .exitProcess(false)
    .fail(false);
  const error = await parser.parseAsync(["bench", ...argv]).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  return { ...said, error };
}

describeReal("socklab bench", () => {
  test("a bench charges each process the memory that costs.json says", async () => {
    const { costs } = JSON.parse(await readFile("costs.json", "utf8"));
    let footprint: Footprint | undefined;
    const bench: Bench = {
      ...quick("caches"),
      run: (context) => {
        footprint = context.footprint;
        return quick("caches").run(context);
      },
    };
    expect((await command([bench], "caches")).error).toBe(undefined);
    expect(footprint).toEqual({
      interpreterBytes: costs.interpreterMemory.value,
      forkPrivateBytes: costs.forkPrivateMemory.value,
    });
  });

  test("all: one file per bench in the folder, and one table of all ratios at the end", async () => {
    const folder = join(await temporaryFolder(), "made", "for", "it");
    const benches = [quick("containers"), quick("caches")];
    const { out, error } = await command(benches, "all", "-o", folder);
    expect(error).toBe(undefined);
    expect(await readdir(folder)).toEqual(["caches.json", "containers.json"]);
    const result = benchSchema.parse(
      JSON.parse(await readFile(join(folder, "caches.json"), "utf8")),
    );
    expect(result).toMatchObject({ bench: "caches", command: "socklab bench caches" });
    expect(result.ratios[0]).toMatchObject({ ratio: 3 });
    const last = out.slice(out.lastIndexOf("times better"));
    expect(last).toMatch(/containers +ours +peer +3x.*\ncaches +ours +peer +3x/);
  });

  test("a bench that fails does not keep the others from running, and its failure is reported at the end", async () => {
    const folder = await temporaryFolder();
    const { err, error } = await command([broken, quick("caches")], "all", "-o", folder);
    expect(error?.message).toBe("no luck");
    expect(err).toContain("socklab: image: no luck");
    expect(await readdir(folder)).toEqual(["caches.json"]);
  });

  test("--json prints one result, or a list of results for all, and nothing else", async () => {
    const one = await command([quick("caches")], "caches", "--json", "--samples", "7");
    expect(JSON.parse(one.out)).toMatchObject({ command: "socklab bench caches --samples 7" });
    const all = await command([quick("caches"), quick("image")], "all", "--json");
    expect(JSON.parse(all.out).map(({ bench }: { bench: string }) => bench)).toEqual([
      "caches",
      "image",
    ]);
  });

  test("a bench's folder is removed after it, and a bench that fails writes no file", async () => {
    const out = join(await temporaryFolder(), "r.json");
    await command([quick("caches")], "caches");
    expect(existsSync(usedFolder)).toBe(false);
    const { error } = await command([broken], "image", "-o", out);
    expect(error?.message).toBe("no luck");
    expect(existsSync(out)).toBe(false);
  });
});
