import { type Arena, type Contender, loadBy, type OpenContender } from "./contender.js";
import { DockerImage } from "./docker-image.js";

const DOES = "Docker's API on its socket: create, start, wait, remove a container";

/** Docker with its default isolation, but with an empty network namespace instead of the bridge. */
export const dockerContender: Contender = {
  name: "docker",
  title: "Docker",
  does: `${DOES}; network none`,
  open: (arena) => openDocker(arena, "none"),
};

/** Docker without a network namespace, as our containers by default. This is the faster way. */
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
