import { execFileSync, spawnSync } from "node:child_process";
import { expect, test, vi } from "vitest";
import { loadNative } from "../../src/real/host/native.js";
import type { RealOptions } from "../../src/real/real-setup.js";
import type { SandboxWarning } from "../../src/real/sandboxes/sandboxes.js";
import { runCli } from "../cli/run-cli.js";
import { testWithPip } from "./needs.js";
import { describeReal } from "./stand.js";
import { temporaryState } from "./state-folder.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const NOT_PERMITTED = "Operation not permitted";
const CONNECTED = "connected";
/**
 * How many places of metadata-worker.ts are metadata addresses. The others are a metadata address's
 * port for names, and ordinary addresses.
 */
const METADATA_PLACES = 5;
const OTHER_PLACES = 4;

interface Found {
  readonly places: readonly string[];
  readonly fastOpen: string;
  readonly udp: string;
}

function inNamespace(options: Partial<RealOptions>) {
  const node = [process.execPath, "--import", "tsx", "test/real/metadata-worker.ts"];
  const out = execFileSync("unshare", ["--net", ...node, JSON.stringify(options)], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return JSON.parse(out.trim().split("\n").at(-1)!) as {
    readonly guests: readonly Found[];
    readonly here: readonly string[];
    readonly users: { readonly before: readonly string[]; readonly after: readonly string[] };
    readonly codes: readonly string[];
  };
}

function testInNamespace(name: string, body: () => void): void {
  const lacking = [
    ["ip", "-V"],
    ["unshare", "--version"],
  ].filter(([tool, ...args]) => spawnSync(tool, args).status !== 0);
  if (lacking.length === 0) test(name, body);
  else test.skip(`${name} [skipped: no ${lacking.map(([tool]) => tool).join(", no ")}]`, () => {});
}

const times = (count: number, what: string) => Array.from({ length: count }, () => what);

describeReal("a cloud's metadata", () => {
  testInNamespace(
    "is refused to containers with the machine's network, and to no other process",
    () => {
      const { guests, here, users, codes } = inNamespace({ network: "host" });
      expect(guests).toHaveLength(2); // one forked, one fresh
      for (const { places, fastOpen, udp } of guests) {
        expect(places).toEqual([
          ...times(METADATA_PLACES, NOT_PERMITTED),
          ...times(OTHER_PLACES, CONNECTED),
        ]);
        expect([fastOpen, udp]).toEqual([NOT_PERMITTED, CONNECTED]);
      }
      expect(here).toEqual(times(METADATA_PLACES + OTHER_PLACES, CONNECTED));
      expect(users.before).toEqual([CONNECTED, "refused", "refused", CONNECTED]);
      expect(users.after).toEqual(times(4, CONNECTED)); // the refusal ends with the backend
      expect(codes).not.toContain("open-metadata");
    },
  );

  testInNamespace("is open to containers if it is allowed", () => {
    const { guests } = inNamespace({ network: "host", allowMetadata: true });
    for (const { places } of guests) {
      expect(places).toEqual(times(METADATA_PLACES + OTHER_PLACES, CONNECTED));
    }
  });

  testWithPip("is reported as open in a run's result if the kernel cannot guard it", async () => {
    const refused = "load program: Operation not permitted";
    vi.spyOn(loadNative(), "refuseAddresses").mockImplementation(() => {
      throw new Error(refused);
    });
    const { layout } = await temporaryState();
    const trace = ["traces/tiny", "--functions", "1", "--minutes", "1", "--speedup", "60"];
    const real = ["--backend", "real", "--run-times", "zero", "--state", layout.root];
    const { exitCode, out, err } = await runCli("run", ...trace, ...real, "--json");
    expect(exitCode, err).toBe(0);
    const { warnings } = JSON.parse(out) as { warnings: readonly SandboxWarning[] };
    const { text } = warnings.find(({ code }) => code === "open-metadata")!;
    expect(text).toContain(refused);
    expect(text).toContain("--network none or private");
    vi.restoreAllMocks();
  });
});
