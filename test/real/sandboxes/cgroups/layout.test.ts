import { expect, test } from "vitest";
import { cgroup2MountPoint } from "../../../../src/real/host/mount-points.js";
import { detectCgroups } from "../../../../src/real/sandboxes/cgroups/layout.js";

const V1 = (name: string, options: string) =>
  `30 23 0:26 / /sys/fs/cgroup/${name} rw,relatime - cgroup cgroup rw,${options}`;

test("cgroup v1: each controller in its own hierarchy, or two in one", () => {
  const { v1, v2, missing } = detectCgroups(
    [V1("cpu,cpuacct", "cpu,cpuacct"), V1("memory", "memory"), V1("pids", "pids")].join("\n"),
  );
  expect([...v1]).toEqual([
    ["cpu", "/sys/fs/cgroup/cpu,cpuacct"],
    ["memory", "/sys/fs/cgroup/memory"],
    ["pids", "/sys/fs/cgroup/pids"],
  ]);
  expect(v2).toBeUndefined();
  expect(missing).toEqual(["freezer"]);
});

test("no cgroups at all: every controller is missing", () => {
  expect(detectCgroups("22 1 0:21 / / rw - ext4 /dev/vda rw").missing).toEqual([
    "cpu",
    "memory",
    "pids",
    "freezer",
  ]);
});

test("the mount point of cgroup v2 is found by its type, whatever its place and options", () => {
  const line = (point: string, type: string) =>
    `41 31 0:38 / ${point} rw,relatime - ${type} ${type} rw`;
  const hybrid = [
    line("/sys/fs/cgroup/pids", "cgroup"),
    line("/sys/fs/cgroup/my\\040v2", "cgroup2"),
  ];
  expect(cgroup2MountPoint(hybrid.join("\n"))).toBe("/sys/fs/cgroup/my v2");
  expect(cgroup2MountPoint(hybrid[0])).toBe(undefined);
});
