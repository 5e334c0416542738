import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JOURNAL_SCHEMA } from "../../src/run/journal/journal-writer.js";
import { runCli, temporaryFolder } from "../cli/run-cli.js";

const PAGE = readFileSync("docs/reference/journal.md", "utf8");

/** The forms of lines that the page lists: `<name>` is a word, `[...]` may be absent. */
const FORMS: readonly RegExp[] = PAGE.match(/```text\n(.*?)```/s)![1]
  .trimEnd()
  .split("\n")
  .map((form) => {
    const pattern = form.replaceAll(/\[(.*?)\]/g, "(?:$1)?").replaceAll(/<\w+>/g, "[^ ]+");
    return new RegExp(`^${pattern}$`);
  });

test("every line of a journal has a form that the page lists, and a simulated run has all forms except two", async () => {
  const path = join(await temporaryFolder(), "run.journal");
  const settings = ["--memory", "512MiB", "--disk", "80MiB", "--set", "install=none"];
  const short = ["--set", "keep-alive=fixed:keep=1m,pauseAfter=1s"];
  const options = [...settings, ...short, "--journal", path];
  const { exitCode, err } = await runCli("run", "traces/tiny", ...options);
  expect([exitCode, err]).toEqual([0, ""]);
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const fields = Object.keys(JSON.parse(header));
  expect(JSON.parse(header).schema).toBe(JOURNAL_SCHEMA);
  for (const field of fields) expect(PAGE, field).toContain(`\`${field}\``);
  const used = new Set<RegExp>();
  for (const line of lines) {
    const forms = FORMS.filter((form) => form.test(line));
    expect(forms, line).toHaveLength(1);
    used.add(forms[0]);
  }
  const unused = FORMS.filter((form) => !used.has(form)).map(String);
  // only a worker registers functions, and no run drains its engine at present
  expect(unused).toEqual(["/^[^ ]+ registered [^ ]+$/", "/^[^ ]+ drained$/"]);
});
