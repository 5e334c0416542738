import { expect, test } from "vitest";
import type { Installer } from "../../src/real/packages/installer.js";
import { InstallError } from "../../src/real/packages/package-store.js";
import { installAll } from "../../src/worker/install-all.js";
import { parseRequirements } from "../../src/worker/requirements.js";

type Faults = Readonly<Record<string, InstallError["reason"]>>;

const NOTHING = {
  ...{ dependencies: [], topLevel: [], diskBytes: 0 },
  folders: { regular: [], bare: [] },
};

/** An installer that refuses some packages, and resolves everything to one package. */
function fakeInstaller(faults: Faults = {}) {
  const resolved: (readonly string[])[] = [];
  const installer = {
    applying: async (all: readonly string[]) => all,
    resolve: async (asked: readonly string[]) => {
      resolved.push(asked);
      return ["found==1"];
    },
    install: async (key: string) => {
      const reason = faults[key];
      if (reason !== undefined) throw new InstallError(reason, `${key}: ${reason}`);
      return { key, us: 0, diskBytes: 0, meta: NOTHING };
    },
  };
  return { installer: installer as unknown as Installer, resolved };
}

function upload(text: string) {
  return {
    name: "f",
    folder: "/nonexistent",
    requirements: parseRequirements(text, "f", () => undefined),
  };
}

test("all packages that cannot be installed are named at once", async () => {
  const { installer } = fakeInstaller({ "a==1": "failed", "c==1": "failed" });
  await expect(installAll(installer, upload("a==1\nb==1\nc==1"))).rejects.toMatchObject({
    reason: "failed",
    message: "a==1: failed; c==1: failed",
  });
});

test("the requirements are not said to be at fault if one install may succeed later", async () => {
  const { installer } = fakeInstaller({ "a==1": "failed", "b==1": "unreachable" });
  await expect(installAll(installer, upload("a==1\nb==1"))).rejects.toMatchObject({
    reason: "unreachable",
  });
});

test("a lock is used for the requirements that it was made for, and for no others", async () => {
  const { installer, resolved } = fakeInstaller();
  const lock = { asked: ["a>=1"], packages: ["kept==2"] };
  const same = await installAll(installer, { ...upload("a>=1"), lock });
  expect([same.requirements, resolved]).toEqual([["kept==2"], []]);
  const other = await installAll(installer, { ...upload("a>=2"), lock });
  expect([other.requirements, resolved]).toEqual([["found==1"], [["a>=2"]]]);
});
