import { type Arena, type Contender, loadBy, type OpenContender } from "./contender.js";
import { DockerImage } from "./docker-image.js";

const DOES = "Docker's API on its socket: create, start, wait, remove a container";

/** Docker as it isolates by default, but for the bridge: a network namespace with nothing in it. */
export const dockerContender: Contender = {
  name: "docker",
  title: "Docker",
  does: `${DOES}; network none`,
  open: (arena) => openDocker(arena, "none"),
};

/** Without a network namespace, as ours by default: the faster one. */
export const dockerHostContender: Contender = {
  name: "docker-host",
  title: "Docker, host network",
  does: `${DOES}; network host`,
  open: (arena) => openDocker(arena, "host"),
};

async function openDocker(arena: Arena, network: "none" | "host"): Promise<OpenContender> {
  const image = await DockerImage.import(arena.root, `${arena.label}-${network}`);
  const config = { Cmd: arena.command, HostConfig: { NetworkMode: network } };
  return {
    version: image.version,
    load: (clients, durationUs) => loadBy(() => runOnce(image, config), clients, durationUs),
    close: () => image.close(),
  };
}

async function runOnce(image: DockerImage, config: object): Promise<void> {
  const id = await image.create(config);
  await image.start(id);
  await image.end(id);
}
