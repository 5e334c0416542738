// Installs Debian's Chromium if it is absent, for the tests that open a report in a real browser.
// It does so only as root with apt-get, and for at most three minutes. If Chromium cannot be
// installed, or with SOCKLAB_BROWSER=no, those tests are skipped and say why. Plain Node, because
// this runs before anything else.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const CHROMIUM = "/usr/bin/chromium";
const LIMIT_MS = 60_000;

const isAsked = process.env.SOCKLAB_BROWSER !== "no" && !existsSync(CHROMIUM);
if (isAsked && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
  process.stderr.write("installing Chromium for the tests of the report ...\n");
  if (!apt("install") && apt("update")) apt("install");
  if (!existsSync(CHROMIUM)) {
    process.stderr.write("Chromium cannot be installed: tests in a browser will be skipped\n");
  }
}

function apt(command) {
  const names = command === "install" ? ["chromium"] : [];
  const options = ["-y", "-q", "--no-install-recommends", "-o", "Acquire::http::Timeout=10"];
  const { status } = spawnSync("apt-get", [command, ...options, ...names], {
    stdio: "ignore",
    timeout: LIMIT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return status === 0;
}
