import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { z } from "zod";
import { Absent, type Arena, type Contender, loadBy, type OpenContender } from "./contender.js";
import { DockerApi } from "./docker-api.js";

/** Where bench/peers.sh has its daemon listen. */
const PEERS_SOCKET = "/run/socklab-peers/docker.sock";
const SOCKETS = [PEERS_SOCKET, "/run/docker.sock", "/var/run/docker.sock"];
const HOW = "apt-get install docker.io, then bench/peers.sh start, or set DOCKER_HOST=unix://PATH";

const versionShape = z.object({ Version: z.string() });
const createdShape = z.object({ Id: z.string() });
const waitedShape = z.object({ StatusCode: z.int() });
const listShape = z.array(z.object({ Id: z.string() }));

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
  const api = new DockerApi(findSocket());
  const version = await versionOf(api);
  const image = `${arena.label}-${network}`;
  const labels = { [image]: "" };
  await importImage(api, arena.root, image);
  const config = {
    Image: image,
    Cmd: arena.command,
    Labels: labels,
    HostConfig: { NetworkMode: network },
  };
  return {
    version,
    load: (clients, durationUs) => loadBy(() => runOnce(api, config), clients, durationUs),
    close: async () => {
      const filter = encodeURIComponent(JSON.stringify({ label: [image] }));
      const left = listShape.parse(
        await api.call("GET", `/containers/json?all=true&filters=${filter}`),
      );
      for (const { Id } of left) await api.call("DELETE", `/containers/${Id}?force=true`);
      await api.call("DELETE", `/images/${image}?force=true`);
      api.close();
    },
  };
}

function findSocket(): string {
  const { DOCKER_HOST: given } = process.env;
  if (given?.startsWith("unix://")) return given.slice("unix://".length);
  const socket = SOCKETS.find((path) => existsSync(path));
  if (socket === undefined) throw new Absent(`no Docker daemon's socket: ${HOW}`);
  return socket;
}

async function versionOf(api: DockerApi): Promise<string> {
  try {
    return versionShape.parse(await api.call("GET", "/version")).Version;
  } catch (error) {
    throw new Absent(`no Docker daemon answers (${(error as Error).message}): ${HOW}`);
  }
}

async function importImage(api: DockerApi, root: string, image: string): Promise<void> {
  const tar = spawn("tar", ["--create", "--directory", root, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await api.upload(`/images/create?fromSrc=-&repo=${image}`, tar.stdout);
}

async function runOnce(api: DockerApi, config: object): Promise<void> {
  const { Id } = createdShape.parse(await api.call("POST", "/containers/create", config));
  await api.call("POST", `/containers/${Id}/start`);
  const { StatusCode } = waitedShape.parse(await api.call("POST", `/containers/${Id}/wait`));
  await api.call("DELETE", `/containers/${Id}`);
  if (StatusCode !== 0) throw new Error(`a container ended with exit code ${StatusCode}`);
}
