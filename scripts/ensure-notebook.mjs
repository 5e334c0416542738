// Installs pandas, polars, DuckDB and Matplotlib into a virtual environment in node_modules/.cache,
// for the test that runs the snippets of docs/guide/notebook.md. The versions are those of
// notebook-requirements.txt. If they cannot be installed, or with SOCKLAB_NOTEBOOK=no, that test is
// skipped and says why. Plain Node, because this runs before anything else.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../node_modules/.cache/socklab-notebook/", import.meta.url));
const list = fileURLToPath(new URL("notebook-requirements.txt", import.meta.url));
/** What was installed; written last. */
const installed = `${folder}installed.txt`;
const LIMIT_MS = 180_000;

const requirements = readFileSync(list, "utf8");
if (process.env.SOCKLAB_NOTEBOOK !== "no" && !isInstalled()) {
  process.stderr.write("installing pandas and others for the test of docs/guide/notebook.md ...\n");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const wheels = ["--only-binary", ":all:", "--retries", "1", "--timeout", "10", "-r", list];
  if (
    run("python3", "-m", "venv", `${folder}venv`) &&
    run(`${folder}venv/bin/python`, ...pip, ...wheels)
  ) {
    writeFileSync(installed, requirements);
  } else {
    process.stderr.write("they cannot be installed: the snippets of that page will be skipped\n");
  }
}

function isInstalled() {
  return existsSync(installed) && readFileSync(installed, "utf8") === requirements;
}

function run(command, ...argv) {
  return spawnSync(command, argv, { stdio: "ignore", timeout: LIMIT_MS }).status === 0;
}
