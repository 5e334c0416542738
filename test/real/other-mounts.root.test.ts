import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { mountPointsBelow } from "../../src/real/host/mount-points.js";
import { DEFAULT_RUN_TIMEOUT_MS, installTimeoutUs } from "../../src/real/host/time-limits.js";
import { cleanUp, releaseState } from "../../src/real/leftovers.js";
import { openState } from "../../src/real/open-state.js";
import { Installer } from "../../src/real/packages/installer.js";
import { writeMeta } from "../../src/real/packages/package-metadata.js";
import {
  newInstanceId,
  readLock,
  type StateLayout,
  stateLayout,
  takeState,
} from "../../src/real/state/instance.js";
import { kill, startWorker, wheelsFolder } from "../worker/worker-process.js";
import { deadOwner } from "./dead-owner.js";
import { testAsRoot, testWithPip } from "./needs.js";
import { describeReal } from "./stand.js";
import { temporaryState } from "./state-folder.js";

const ONE = "def f(event):\n    return 1\n";

/** Mounts a tmpfs, or a folder, at a place until the test ends. */
function mount(place: string, source?: string): void {
  mkdirSync(place, { recursive: true });
  const what =
    source === undefined ? ["-t", "tmpfs", "-o", "mode=0755", "own"] : ["--bind", source];
  expect(spawnSync("mount", [...what, place]).status).toBe(0);
  onTestFinished(() => {
    spawnSync("umount", ["--lazy", place]); // it may be gone if the test failed
  });
}

/** Writes files that look like an installed package. */
async function placePackage(layout: StateLayout, name: string): Promise<string> {
  const folder = join(layout.packages, name);
  mkdirSync(join(folder, "site-packages"), { recursive: true });
  writeFileSync(join(folder, "site-packages", "module.py"), "");
  const folders = { regular: [], bare: [] };
  await writeMeta(folder, { dependencies: [], topLevel: ["module"], folders, diskBytes: 0 });
  return folder;
}

const setup = (layout: StateLayout, keepsPackages: boolean) => ({
  stateFolder: layout.root,
  python: undefined,
  index: { kind: "default" } as const,
  installsAtOnce: 1,
  keepsPackages,
});

const own = async (layout: StateLayout) => takeState(layout, newInstanceId());
const release = (layout: StateLayout) => releaseState(layout, readLock(layout)!);

for (const [when, begin, act] of [
  ["clean-up after a dead owner", deadOwner, cleanUp],
  ["orderly stop", own, release],
] as const) {
  testAsRoot(
    `the administrator's mount at the state folder outlives the ${when}, with everything in it`,
    async () => {
      const { layout } = await temporaryState();
      mount(layout.root);
      await begin(layout);
      const folder = await placePackage(layout, "alpha==1.0");
      mount(join(layout.containers, "root-0"));
      // two mounts are at or below the state folder; socklab made one of them, below containers/
      expect(mountPointsBelow(layout.root)).toHaveLength(2);
      expect((await act(layout))!.mounts).toBe(1);
      expect(mountPointsBelow(layout.root)).toEqual([layout.root]);
      expect(readdirSync(folder)).toEqual(["meta.json", "site-packages"]);
      expect(existsSync(layout.containers)).toBe(false);
    },
  );
}

describeReal("a worker whose state folder is the administrator's mount", () => {
  testWithPip("keeps it and its packages through a kill -9, a start and a SIGTERM", async () => {
    const { state, wheels } = await wheelsFolder();
    mount(state);
    const keep = "--keep-packages";
    const first = await startWorker(state, wheels, keep);
    const path = "/registry/one?requirements=alpha==1.0";
    expect((await first.ask("PUT", path, ONE)).status).toBe(201);
    expect((await first.ask("POST", "/run/one")).text).toBe("1");
    const installed = statSync(join(state, "packages", "alpha==1.0", "meta.json"));
    await kill(first.worker);
    const second = await startWorker(state, wheels, keep);
    expect(mountPointsBelow(state)).toEqual([state]);
    // what docs/guide/worker.md says about a restart: packages are kept, the registry is not
    expect((await second.ask("POST", "/run/one")).status).toBe(404);
    expect((await second.ask("PUT", path, ONE)).status).toBe(201);
    expect((await second.ask("POST", "/run/one")).text).toBe("1");
    expect(await kill(second.worker, "SIGTERM")).toBe(0);
    expect(mountPointsBelow(state)).toEqual([state]);
    expect(readdirSync(state)).toEqual(["packages"]);
    const kept = statSync(join(state, "packages", "alpha==1.0", "meta.json"));
    // the same file: the second upload found the package installed
    expect([kept.ino, kept.mtimeMs]).toEqual([installed.ino, installed.mtimeMs]);
  });
});

testAsRoot("a mount below packages/ outlives a clean-up; a mount elsewhere does too", async () => {
  const { layout } = await temporaryState();
  await deadOwner(layout);
  const places = [join(layout.packages, "alpha==1.0", "site-packages"), join(layout.root, "mine")];
  for (const place of places) {
    mount(place);
    writeFileSync(join(place, "file"), "");
  }
  expect((await cleanUp(layout))!.mounts).toBe(0);
  for (const place of places) expect(readdirSync(place)).toEqual(["file"]);
});

testAsRoot("a mount at containers/ stops the clean-up and keeps its files", async () => {
  const { layout } = await temporaryState();
  await deadOwner(layout);
  mount(layout.containers);
  writeFileSync(join(layout.containers, "file"), "");
  await expect(cleanUp(layout)).rejects.toThrow(refusalOf(layout.containers));
  expect(readdirSync(layout.containers)).toEqual(["file"]);
});

testAsRoot("mounts are found if the state folder's path contains a symbolic link", async () => {
  const { folder, layout } = await temporaryState();
  const shown = join(folder, "shown");
  mkdirSync(shown);
  writeFileSync(join(shown, "file"), "");
  mkdirSync(layout.root);
  symlinkSync(layout.root, join(folder, "link"));
  const linked = stateLayout(join(folder, "link"));
  await deadOwner(linked);
  mount(join(linked.containers, "root-0"), shown);
  // if the folder were removed before the unmount, the removal would go through the mount to the
  // folder that it shows
  expect((await cleanUp(linked))!.mounts).toBe(1);
  expect(readdirSync(shown)).toEqual(["file"]);
});

for (const name of ["functions", "staging", "trash", "packages"] as const) {
  testWithPip(`a start that would have to remove a mount in ${name}/ is refused`, async () => {
    const { layout } = await temporaryState();
    const place = join(layout[name], "mine");
    mount(place);
    writeFileSync(join(place, "file"), "");
    await expect(openState(setup(layout, false))).rejects.toThrow(refusalOf(place));
    expect(readdirSync(place)).toEqual(["file"]);
    expect(readLock(layout)).toBeUndefined();
  });
}

testWithPip("a mount in packages/ that is not a package is not removed", async () => {
  const { layout } = await temporaryState();
  const place = join(layout.packages, "mine");
  mount(place);
  writeFileSync(join(place, "file"), "");
  await expect(openState(setup(layout, true))).rejects.toThrow(refusalOf(place));
  expect(readdirSync(place)).toEqual(["file"]);
  expect(readLock(layout)).toBeUndefined();
});

testWithPip("a later mount prevents its own removal at the stop, and nothing else", async () => {
  const { layout } = await temporaryState();
  const state = await openState(setup(layout, false));
  const place = join(await placePackage(layout, "alpha==1.0"), "site-packages");
  mount(place);
  writeFileSync(join(place, "file"), "");
  await expect(state.release()).rejects.toThrow(refusalOf(place));
  expect(readdirSync(place)).toEqual(["file"]);
  expect(readdirSync(layout.root)).toEqual(["packages"]);
});

testAsRoot("a package that somebody mounted into is not evicted from under the mount", async () => {
  const { layout } = await temporaryState();
  const place = join(await placePackage(layout, "alpha==1.0"), "site-packages", "data");
  mount(place);
  writeFileSync(join(place, "file"), "");
  const installer = await Installer.open({
    layout,
    tool: { kind: "pip", python: "/usr/bin/python3" },
    index: { kind: "default" },
    uid: undefined,
    run: () => Promise.reject(new Error("nothing is installed here")),
    concurrency: 1,
    timeoutUs: installTimeoutUs(DEFAULT_RUN_TIMEOUT_MS),
  });
  onTestFinished(() => installer.close());
  await expect(installer.uninstall("alpha==1.0")).rejects.toThrow(refusalOf(place));
  expect(readdirSync(place)).toEqual(["file"]);
  expect([...installer.installed.keys()]).toEqual(["alpha==1.0"]);
  expect(
    readFileSync(join(layout.packages, "alpha==1.0", "site-packages", "module.py"), "utf8"),
  ).toBe("");
});

/** The expected error, on one line: what, where, the remedy. */
function refusalOf(place: string): RegExp {
  return new RegExp(`^${place}: a mount that socklab did not make, .*: unmount it, or [^\n]*$`);
}
