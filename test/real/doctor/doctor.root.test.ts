import { expect, test } from "vitest";
import { refuseCoarseClock } from "../../../src/cli/calibrate.js";
import { renderFindings } from "../../../src/cli/doctor.js";
import { canRunReal, examineMachine } from "../../../src/real/doctor/doctor.js";
import { gatherFacts, type MachineFacts } from "../../../src/real/doctor/machine-facts.js";
import { detectCgroups } from "../../../src/real/sandboxes/cgroups/layout.js";
import { runCli } from "../../cli/run-cli.js";

const V1 = ["cpu", "memory", "pids", "freezer"].map(
  (name) => `31 23 0:28 / /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}`,
);
const PRESENT = "present";
const WHOLE: MachineFacts = {
  kernel: "Linux 6.18.0",
  isRoot: true,
  systemCalls: {
    clone3: PRESENT,
    pidfd_open: PRESENT,
    open_tree: PRESENT,
    mount_setattr: PRESENT,
  },
  cgroups: detectCgroups(V1.join("\n")),
  readOnlyCgroups: [],
  occupiedCgroup: undefined,
  hasSeccompFilters: true,
  landlockVersion: 6,
  hasHugePages: true,
  hasFineCpuClock: true,
  hasOverlay: false,
  hasUserNamespaces: false,
  python: { path: "/usr/bin/python3.11", version: "3.11.2" },
  hasPip: true,
  uv: undefined,
  compiler: "/usr/bin/g++",
  make: "/usr/bin/make",
  isAddonBuilt: true,
};

function lacksOf(change: Partial<MachineFacts>) {
  const findings = examineMachine({ ...WHOLE, ...change });
  const lacks = findings.filter(({ state }) => state !== "ok");
  for (const { cost, remedy } of lacks) expect([cost, remedy]).not.toContain("");
  return { lacks: lacks.map(({ part, state }) => `${part}: ${state}`), runs: canRunReal(findings) };
}

test("a complete machine lacks nothing; overlayfs and user namespaces are reported and not needed", () => {
  expect(lacksOf({})).toEqual({ lacks: [], runs: true });
});

test("each part without which the real backend cannot run is required, and has a remedy", () => {
  const calls = WHOLE.systemCalls;
  for (const [change, lack] of [
    [{ kernel: "Darwin 25.0" }, "kernel: required"],
    [{ isRoot: false }, "root: required"],
    [{ python: undefined }, "Python: required"],
    [{ python: { path: "/usr/bin/python3.8", version: "3.8.1" } }, "Python: required"],
    [{ isAddonBuilt: false }, "native addon: required"],
    [{ systemCalls: { ...calls, clone3: "ENOSYS" } }, "clone3: required"],
    [{ readOnlyCgroups: ["/sys/fs/cgroup"] }, "cgroups writable: required"],
    [{ occupiedCgroup: "/sys/fs/cgroup" }, "cgroup delegation: required"],
  ] as const) {
    const { lacks, runs } = lacksOf(change);
    expect(lacks).toContain(lack);
    expect(runs, lack).toBe(false);
  }
});

test("a part that a run can do without is lacking, and the machine can still run", () => {
  for (const [change, lack] of [
    [{ hasPip: false }, "installer: lacking"],
    [{ compiler: undefined }, "compiler: lacking"],
    [{ hasSeccompFilters: false }, "seccomp filters: lacking"],
    [{ kernel: "Linux 6.1.0-18-amd64" }, "detached mounts: lacking"],
    [{ kernel: "Linux 6.16.12" }, "/proc in containers: lacking"],
    [{ hasHugePages: false }, "huge pages: lacking"],
    [{ hasFineCpuClock: false }, "CPU clock: lacking"],
    [{ cgroups: detectCgroups(V1.slice(0, 2).join("\n")) }, "cgroup pids: lacking"],
    [{ cgroups: detectCgroups("") }, "cgroups: lacking"],
  ] as const) {
    const { lacks, runs } = lacksOf(change);
    expect(lacks).toContain(lack);
    expect(runs, lack).toBe(true);
  }
});

test("containers have their own /proc since Linux 6.17, which knows the mount option pidns", () => {
  expect(lacksOf({ kernel: "Linux 6.17.0" }).lacks).toEqual([]);
  expect(lacksOf({ kernel: "Linux 6.16.12" }).lacks).toEqual(["/proc in containers: lacking"]);
});

test("without a compiler, an addon that is not built cannot be built", () => {
  expect(lacksOf({ compiler: undefined, isAddonBuilt: false }).lacks).toEqual([
    "native addon: required",
    "compiler: required",
  ]);
});

test("a filtered system call is distinguished from one that the kernel lacks", () => {
  const systemCalls = { ...WHOLE.systemCalls, clone3: "EPERM" };
  const finding = examineMachine({ ...WHOLE, systemCalls }).find(({ part }) => part === "clone3");
  expect(finding?.remedy).toContain("--privileged");
});

test("if CPU time is counted in ticks, calibrate refuses and says what would help", () => {
  expect(() => refuseCoarseClock(examineMachine(WHOLE))).not.toThrow();
  expect(() => refuseCoarseClock(examineMachine({ ...WHOLE, hasFineCpuClock: false }))).toThrow(
    /CPU time is counted in steps of a tick; get a machine with its own kernel/,
  );
});

test("each lack is followed by its cost and its remedy", () => {
  const text = renderFindings(examineMachine({ ...WHOLE, hasPip: false }));
  expect(text).toMatch(
    /^lacks +installer +neither pip nor uv\n +costs: .+\n +get it: apt-get .+$/m,
  );
  expect(text.split("\n").filter((line) => line.includes("costs:"))).toHaveLength(1);
});

test("doctor examines this machine and exits with 0, or with 3 if the real backend cannot run", async () => {
  const facts = await gatherFacts(undefined);
  const { exitCode, out, err } = await runCli("doctor", "--json");
  const findings = JSON.parse(out);
  expect(findings).toEqual(JSON.parse(JSON.stringify(examineMachine(facts))));
  expect(exitCode).toBe(canRunReal(findings) ? 0 : 3);
  expect(err === "").toBe(exitCode === 0);
});
