import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { OutgoingHttpHeader } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { loadPolicy } from "../../src/lab/run/load-policy.js";
import { policyMaker } from "../../src/lab/run/policy-context.js";
import { readCosts } from "../../src/lab/run/read-costs.js";
import { writeWheels } from "../../src/real/made-up/wheels.js";
import type { PackageIndex } from "../../src/real/packages/package-tool.js";
import type { RealOptions } from "../../src/real/real-setup.js";
import type { StateLayout } from "../../src/real/state/instance.js";
import { stateLayout } from "../../src/real/state/instance.js";
import { footprintOf } from "../../src/sim/costs/costs.js";
import { DEFAULT_PLACES } from "../../src/worker/live-workload.js";
import { openWorker } from "../../src/worker/open-worker.js";
import { DEFAULT_EVENT_BYTES, workerServer } from "../../src/worker/server.js";
import { DEFAULT_UPLOAD_LIMITS } from "../../src/worker/upload.js";
import { leftovers } from "../real/stand.js";
import { temporaryState } from "../real/state-folder.js";
import { SLOWNESS } from "../slowness.js";
import { CATALOGUE } from "./worker-process.js";

/**
 * Every container ends with its run, so that any byte that the ledger charges afterwards is a
 * mistake.
 */
const NOTHING_KEPT = ["keep-alive=fixed:keep=0"];

export interface Asked {
  readonly status: number;
  readonly text: string;
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string | string[]>>;
}

export interface LiveStand {
  readonly layout: StateLayout;
  readonly problems: readonly string[];
  /** Sends a request to the worker without the network. */
  ask(
    method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE",
    path: string,
    body?: string | Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Asked>;
  /** Lets the worker listen on a free port; its address. */
  listen(): Promise<string>;
  /**
   * Waits until nothing runs. Then no byte may be charged to a container, and only live Zygotes may
   * be charged.
   */
  expectNothingCharged(): Promise<void>;
}

interface Choices {
  /** The zygote policy, as on the command line. */
  readonly zygotes?: string;
  /** Further changes to the policy, as on the command line; without them idle containers leave. */
  readonly set?: readonly string[];
  readonly index?: PackageIndex;
  readonly options?: Partial<RealOptions>;
  /**
   * Size of a separate file system for the state folder; undefined: the folder is in the machine's.
   */
  readonly stateBytes?: number;
}

/** A whole worker in this process, except its port. It must leave nothing when the test ends. */
export async function liveStand(choices: Choices = {}): Promise<LiveStand> {
  const { zygotes = "none", options = {}, stateBytes } = choices;
  const { folder } = await temporaryState();
  const layout = stateLayout(join(folder, "disk", "state"));
  mkdirSync(join(folder, "disk"));
  if (stateBytes !== undefined) mountSmall(join(folder, "disk"), stateBytes);
  const wheels = join(folder, "wheels");
  await writeWheels(wheels, CATALOGUE);
  const { choices: chosen, specs } = await loadPolicy("sock", [
    `zygote=${zygotes}`,
    ...NOTHING_KEPT,
    ...(choices.set ?? []),
  ]);
  const config = {
    memoryLimitBytes: 4 * 1024 ** 3,
    diskLimitBytes: 1024 ** 3,
    cores: 2,
    runsPerCore: Number.POSITIVE_INFINITY,
    creationsPerCore: Number.POSITIVE_INFINITY,
    creationsPerFunction: Number.POSITIVE_INFINITY,
    queueLimit: 100,
    queueTimeoutUs: 20_000_000,
    footprint: footprintOf(await readCosts(undefined)),
  };
  const problems: string[] = [];
  const { engine, staging, close } = await openWorker({
    stateFolder: layout.root,
    python: undefined,
    base: undefined,
    index: choices.index ?? { kind: "folder", path: wheels },
    installsAtOnce: 2,
    keepsPackages: false,
    places: DEFAULT_PLACES,
    config,
    options,
    makePolicies: policyMaker({ choices: chosen, specs }, config, 1),
    onProblem: (text) => problems.push(text),
  });
  onTestFinished(async () => {
    await close(0);
    expect(leftovers(layout.root)).toEqual([]);
  });
  const app = workerServer(engine, {
    staging,
    uploads: DEFAULT_UPLOAD_LIMITS,
    eventBytes: DEFAULT_EVENT_BYTES,
    pendingLimit: 100,
    requestTimeoutMs: 30_000,
    token: undefined,
  });
  return {
    layout,
    problems,
    ask: async (method, url, payload = "", headers = {}) => {
      const got = await app.inject({ method, url, payload, headers });
      return {
        status: got.statusCode,
        text: got.body,
        bytes: got.rawPayload,
        headers: Object.fromEntries(
          Object.entries(got.headers).map(([name, value]) => [name, alone(value)]),
        ),
      };
    },
    listen: async () => {
      onTestFinished(() => {
        app.server.closeAllConnections();
        return app.close();
      });
      return app.listen({ host: "127.0.0.1", port: 0 });
    },
    expectNothingCharged: async () => {
      await expect
        .poll(
          async () => {
            const { pending, memory } = engine.stats();
            const { runningBytes, handlerBytes, zygoteBytes } = memory;
            const zygotes = await engine.zygotes();
            const living = zygotes.reduce((sum, { bytes }) => sum + bytes, 0);
            return { pending, runningBytes, handlerBytes, deadZygotes: zygoteBytes - living };
          },
          { timeout: 10_000 * SLOWNESS },
        )
        .toEqual({ pending: 0, runningBytes: 0, handlerBytes: 0, deadZygotes: 0 });
    },
  };
}

/** A header that is there once as a text; as fetch shows it. */
function alone(value: OutgoingHttpHeader | undefined): string | string[] {
  if (!Array.isArray(value)) return String(value);
  return value.length === 1 ? value[0] : value;
}

function mountSmall(folder: string, bytes: number): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=0755`, "none", folder]);
  onTestFinished(() => {
    execFileSync("umount", [folder]);
  });
}
