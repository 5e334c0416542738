import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.js";
import { runCli } from "./run-cli.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGE = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
/** Dependencies of socklab, except the parser of command lines. */
const LIBRARIES = Object.keys(PACKAGE.dependencies).filter((name) => name !== "yargs");

/** Writes the address of each module that Node loads into the file that LOADED names. */
const HOOK = `
  import { appendFileSync } from "node:fs";
  export async function load(url, context, next) {
    appendFileSync(process.env.LOADED, url + "\\n");
    return next(url, context);
  }`;
const REGISTER = `
  import { register } from "node:module";
  register(${JSON.stringify(dataUrl(HOOK))});`;

test("help, the version and a typing error load the list of commands, but no command and no library", () => {
  for (const argv of [["--help"], ["--version"], ["rnu", "traces/demo"]]) {
    const { own, libraries } = loadedBy(...argv);
    expect(libraries, argv.join(" ")).toEqual([]);
    expect(own, argv.join(" ")).toEqual([
      ...["bin/socklab.js", "dist/basics/errors.js", "dist/cli/command.js"],
      ...["dist/cli/commands.js", "dist/cli/exit-codes.js", "dist/cli/main.js"],
      ...["dist/cli/report-error.js", "dist/lab/run/output-file.js"],
      ...["dist/lab/run/provenance.js", "dist/lab/run/stop-signal.js"],
    ]);
  }
});

test("a command loads only what it needs: `policies` loads no library except the one for slips, `trace --help` no reader of traces", () => {
  expect(loadedBy("policies").libraries).toEqual(["fastest-levenshtein"]);
  expect(loadedBy("trace", "--help").own).not.toContain("dist/trace/formats/formats.js");
});

test("a simulated run loads neither the real backend nor a TypeScript compiler", () => {
  const { own, libraries } = loadedBy("run", "traces/tiny", "--minutes", "1");
  expect(own).toContain("dist/run/simulate.js");
  expect(own).not.toContain("dist/run/on-this-machine.js");
  for (const name of ["fastify", "piscina", "tar", "esbuild", "yaml"]) {
    expect(libraries).not.toContain(name);
  }
});

test("a mistyped command gets a suggestion, at both levels", async () => {
  const first = await runCli("rnu", "traces/demo");
  expect(first).toMatchObject({ exitCode: 2, out: "" });
  expect(first.err).toContain("did you mean run?");
  expect((await runCli("trace", "inof", "x")).err).toContain("did you mean info?");
  expect((await runCli("xyzzy")).err).toContain("xyzzy");
});

test("every command of the list can be loaded, and has its own help", async () => {
  const help = await runCli("--help");
  for (const { command, describe } of COMMANDS) {
    const name = command.split(" ")[0];
    expect(help.out.replaceAll(/\s+/g, " ")).toContain(describe);
    expect((await runCli(name, "--help")).out, name).toContain(`socklab ${name}`);
  }
});

/** Modules of socklab, and its libraries, that a command line of the built program loads. */
function loadedBy(...argv: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "socklab-loaded-"));
  try {
    const file = join(folder, "modules");
    const { stderr } = spawnSync(
      process.execPath,
      ["--import", dataUrl(REGISTER), "bin/socklab.js", ...argv],
      { cwd: ROOT, encoding: "utf8", env: { ...process.env, LOADED: file } },
    );
    const urls = readFileSync(file, "utf8").split("\n");
    const paths = urls
      .filter((url) => url.startsWith(`file://${ROOT}`))
      .map((url) => url.slice(`file://${ROOT}`.length));
    expect(paths, stderr).toContain("bin/socklab.js");
    return {
      own: paths.filter((path) => !path.startsWith("node_modules/")).toSorted(),
      libraries: LIBRARIES.filter((name) =>
        paths.some((path) => path.startsWith(`node_modules/${name}/`)),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
