import { basename, dirname } from "node:path";
import { NONE } from "../basics/none.js";
import { readProcessMemory } from "../real/host/process-memory.js";
import type { RealBackend } from "../real/real-backend.js";
import type { RefusedZygote } from "../real/refused-zygotes.js";
import type { EngineRun } from "../run/engine-run.js";
import type { ZygoteDescription } from "./worker.js";

/** Describes the live Zygotes of an engine on a backend, and those that must not be forked. */
export function describeZygotes(
  { zygotes, packages, nowUs }: EngineRun["view"],
  backend: RealBackend,
): Promise<readonly ZygoteDescription[]> {
  const described = zygotes.live.map((id) => ({
    id,
    refused: null,
    parent: zygotes.parentOf(id) === NONE ? null : zygotes.parentOf(id),
    packages: Array.from(zygotes.packagesOf(id).ids, (each) => {
      const { name, version } = packages[each];
      return `${name}==${version}`;
    }),
    isReady: zygotes.isReady(id),
    bytes: zygotes.bytesOf(id),
    forks: zygotes.forksOf(id),
    spares: zygotes.isReady(id) ? backend.sparesOf(id) : 0,
    liveContainers: zygotes.liveContainersOf(id),
    idleUs: Math.max(0, nowUs - zygotes.lastUsedUs(id)),
  }));
  const refused = backend.refusedZygotes.map(describeRefused);
  return Promise.all([
    ...described.map(async (each) => ({
      ...each,
      memory: each.isReady
        ? ((await readProcessMemory(backend.zygoteOf(each.id).pid)) ?? null)
        : null,
    })),
    ...refused,
  ]);
}

function describeRefused({ paths, why }: RefusedZygote): ZygoteDescription {
  return {
    id: null,
    refused: why,
    parent: null,
    packages: paths.map((path) => basename(dirname(path))),
    isReady: false,
    bytes: 0,
    memory: null,
    forks: 0,
    spares: 0,
    liveContainers: 0,
    idleUs: 0,
  };
}
