// Boots a small virtual machine whose only cgroup hierarchy is v2, runs the real backend's tests or
// the command after `--` in it, and exits with the status of these. docs/design/cgroups.md says
// more. Plain Node.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildInitramfs } from "./initramfs.mjs";
import { Lack } from "./lack.mjs";
import * as qemu from "./qemu.mjs";
import * as uml from "./uml.mjs";

const CHECKOUT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const BUSYBOX = "/bin/busybox";
const TESTS = [
  "npx",
  "vitest",
  "run",
  "--reporter=verbose",
  "test/real",
  "test/conformance",
  ".root.test.",
];

/** Modules that boot a guest, by the value of `--accel`. */
const MACHINES = { kvm: qemu, tcg: qemu, uml };

/** Factor on the time-outs of tests, by the value of `--accel`. */
const SLOWNESS = { kvm: 1, tcg: 10, uml: 10 };

const given = parse();
if (given !== undefined) await main(given.values, given.positionals);

function parse() {
  try {
    const options = {
      suite: { type: "string", default: "bookworm" },
      kernel: { type: "string" },
      accel: { type: "string", default: "kvm" },
      cpus: { type: "string", default: "2" },
      memory: { type: "string", default: "4G" },
      minutes: { type: "string", default: "60" },
    };
    const parsed = parseArgs({ allowPositionals: true, options });
    const { accel, kernel } = parsed.values;
    if (!Object.hasOwn(MACHINES, accel)) {
      throw new Error(`--accel is one of ${Object.keys(MACHINES).join(", ")}`);
    }
    if (accel === "uml" && kernel !== undefined) {
      throw new Error("--kernel is for kvm and tcg: a suite has one user-mode Linux");
    }
    return parsed;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

async function main(settings, command) {
  try {
    process.exitCode = await runInGuest(settings, command.length > 0 ? command : TESTS);
  } catch (error) {
    if (!(error instanceof Lack)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 3;
  }
}

async function runInGuest(settings, command) {
  const machine = MACHINES[settings.accel];
  machine.checkMachine(settings);
  checkHost();
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "socklab-v2");
  const { version, image, modules } = machine.fetchKernel(cache, settings);
  const folder = mkdtempSync(join(tmpdir(), "socklab-v2-"));
  try {
    const job = jobOf(command, machine.cpusOf(settings), SLOWNESS[settings.accel]);
    const initramfs = buildInitramfs(folder, BUSYBOX, modules, machine.modules, job);
    process.stderr.write(`booting Linux ${version} (${settings.accel})\n`);
    const paths = ["/usr", process.execPath, CHECKOUT];
    return await machine.boot(settings, folder, image, initramfs, paths);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkHost() {
  if (process.getuid() !== 0)
    throw new Lack("the guest reads the host's files as root: run this as root");
  // Debian's package busybox, unlike busybox-static, needs libraries that the guest does not have
  // yet. An executable that needs libraries names their loader in its first bytes.
  const head = existsSync(BUSYBOX) ? readFileSync(BUSYBOX).subarray(0, 4096) : undefined;
  if (head === undefined || head.includes("ld-linux")) {
    throw new Lack(`no statically linked ${BUSYBOX}: apt-get install busybox-static`);
  }
}

/**
 * Makes a shell script that runs the command in the checkout with the programs of this environment.
 */
function jobOf(command, cpus, slowness) {
  const quoted = command.map((each) => `'${each.replaceAll("'", "'\\''")}'`);
  // Finds the interpreter itself, because python3 may be a shim that starts several other programs.
  const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], {
    encoding: "utf8",
  });
  if (python.status !== 0) throw new Lack("no python3: apt-get install python3 python3-pip");
  const path = `${dirname(python.stdout)}:${process.env.PATH}`;
  return [
    `export PATH='${path}' HOME='${homedir()}' CI=1 VITEST_MAX_WORKERS=${cpus}`,
    `export SOCKLAB_TEST_SLOWNESS=${slowness}`,
    `cd '${CHECKOUT}' || exit 1`,
    quoted.join(" "),
  ].join("\n");
}
