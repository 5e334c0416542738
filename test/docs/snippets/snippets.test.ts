import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFidelity } from "../../../src/lab/validate/make-fidelity.js";
import { BOUNDS } from "../../../src/results/fidelity-bounds.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";
import { SAMPLE_ASKED, samplePolicy } from "../../lab/validate/samples.js";
import { benched } from "../../report/bench-samples.js";
import { NOTEBOOK_PYTHON } from "../notebook-python.js";
import { NOT_RUN_HERE, type NotRunHere } from "./not-run-here.js";
import { PAGES, type Snippet, snippetsOf } from "./snippets.js";

const ROOT = new URL("../../..", import.meta.url).pathname;
const SOCKLAB = /^(?:npx )?socklab /;

const ALL = PAGES.flatMap((page) => snippetsOf(page));

/** The texts of the snippets that an entry of the list means: the one it equals, or begins. */
function meantBy({ page, start }: NotRunHere): ReadonlySet<string> {
  const texts = ALL.filter((each) => each.page === page).map(({ text }) => text);
  return new Set(texts.includes(start) ? [start] : texts.filter((text) => text.startsWith(start)));
}

const isListed = ({ page, text }: Snippet) =>
  NOT_RUN_HERE.some((each) => each.page === page && meantBy(each).has(text));

const HERE = ALL.filter((snippet) => !isListed(snippet));

/** How this test runs a snippet in a folder; undefined: it cannot. */
function programOf({ language, text }: Snippet): readonly string[] | undefined {
  if (language === "sh" && SOCKLAB.test(text)) return socklab(text);
  if (language === "python") return [NOTEBOOK_PYTHON, "-c", text];
  if (language === "yaml") return socklab("socklab sweep --study study.yaml --out studied");
  return undefined;
}

/** A command of socklab with only the first minutes of its trace, so that the test stays short. */
function socklab(text: string): readonly string[] {
  const words = text
    .replace(SOCKLAB, "")
    .replace("TRACE", "traces/tiny")
    .match(/"[^"]*"|\S+/g)!;
  const args = words.map((word) => word.replaceAll('"', ""));
  const isLong = args[0] === "sweep" || args[0] === "run";
  const cut = isLong ? ["--minutes", "2"] : [];
  return [process.execPath, join(ROOT, "bin/socklab.js"), ...args, ...cut];
}

/** Why a snippet cannot run on this machine; empty: it can. */
function missingFor({ language }: Snippet): string {
  if (language !== "python") return "";
  const { status } = spawnSync(NOTEBOOK_PYTHON, ["-c", "import pandas"]);
  return status === 0 ? "" : " [its Python is skipped: pandas is not installed]";
}

/** Files that pages suppose to be there, because another page, or a run of hours, makes them. */
const SUPPOSED: Readonly<Record<string, (folder: string) => unknown>> = {
  "docs/guide/benches.md": (folder) =>
    writeFileSync(join(folder, "benches"), JSON.stringify(benched())),
  "docs/guide/calibration.md": (folder) =>
    cpSync(join(ROOT, "costs.json"), join(folder, "costs.json")),
  "docs/guide/real-runs.md": (folder) =>
    runCli("run", "tiny", "--journal", join(folder, "run.journal")),
  "docs/guide/reports.md": async (folder) => {
    writeFidelity(folder);
    mkdirSync(join(folder, "results"));
    for (const name of ["run", "a", "b", "results/a"])
      await runCli("run", "tiny", "--minutes", "5", "--out", join(folder, `${name}.json`));
  },
  "docs/guide/sweeps.md": (folder) => {
    const study = ALL.find(({ language }) => language === "yaml")!;
    writeFileSync(join(folder, "study.yaml"), study.text);
  },
  "docs/guide/validation.md": writeFidelity,
};

function writeFidelity(folder: string): void {
  const fidelity = makeFidelity(SAMPLE_ASKED, [samplePolicy("sock")], BOUNDS);
  writeFileSync(join(folder, "fidelity.json"), JSON.stringify(fidelity));
}

test("every snippet of README and docs is run here, or stands in the list of those that are not", () => {
  const neither = HERE.filter((snippet) => programOf(snippet) === undefined);
  expect(neither).toEqual([]);
  expect(HERE.length).toBeGreaterThan(20);
});

test("every entry of the list means one snippet, and the test that it names reads its page", () => {
  for (const entry of NOT_RUN_HERE) {
    const { page, start, why } = entry;
    expect(meantBy(entry).size, `${page}: ${start}`).toBe(1);
    if (!("test" in why)) continue;
    expect(readFileSync(why.test, "utf8"), why.test).toContain(page);
  }
});

test("a new snippet that no list has is found: a command of another program, and a block of JavaScript", () => {
  const text =
    "```console\n$ make pictures\n```\n\n```js\nlet a;\n```\n\n```\nrsync a b    copies\n```\n";
  const found = snippetsOf("README.md", text);
  expect(found.map((each) => each.text)).toEqual(["make pictures", "let a;\n", "rsync a b"]);
  for (const snippet of found) {
    expect(isListed(snippet)).toBe(false);
    expect(programOf(snippet)).toBeUndefined();
  }
});

for (const page of new Set(HERE.map((snippet) => snippet.page))) {
  const snippets = HERE.filter((snippet) => snippet.page === page);
  const missing = snippets.map(missingFor).join("");
  test(`the snippets of ${page} run in their order, with the first minutes of a trace${missing}`, async () => {
    const folder = await temporaryFolder();
    for (const name of ["traces", "docs"]) symlinkSync(join(ROOT, name), join(folder, name));
    await SUPPOSED[page]?.(folder);
    for (const snippet of snippets.filter((each) => missingFor(each) === "")) {
      const [program, ...args] = programOf(snippet)!;
      const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
      expect(status, `${snippet.text}\n${stderr}`).toBe(0);
      const written = args.at(args.indexOf("-o") + 1)!;
      if (args.includes("-o")) expect(existsSync(join(folder, written)), written).toBe(true);
    }
  });
}
