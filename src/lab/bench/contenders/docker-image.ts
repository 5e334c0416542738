import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { z } from "zod";
import { Absent } from "./contender.js";
import { DockerApi } from "./docker-api.js";

/** The socket of the daemon that scripts/peers.sh starts. */
const PEERS_SOCKET = "/run/socklab-peers/docker.sock";
const SOCKETS = [PEERS_SOCKET, "/run/docker.sock", "/var/run/docker.sock"];
const HOW =
  "apt-get install docker.io, then scripts/peers.sh start, or set DOCKER_HOST=unix://PATH";

const versionShape = z.object({ Version: z.string() });
const createdShape = z.object({ Id: z.string() });
const waitedShape = z.object({ StatusCode: z.int() });
const listShape = z.array(z.object({ Id: z.string() }));

/** Our image in a Docker daemon, and the containers that are made from it. */
export class DockerImage {
  /** Version of Docker. */
  readonly version: string;
  readonly #api: DockerApi;
  readonly #name: string;

  private constructor(api: DockerApi, version: string, name: string) {
    this.#api = api;
    this.version = version;
    this.#name = name;
  }

  /** Makes an image from a folder. Errors: Absent if no daemon answers. */
  static async import(root: string, name: string): Promise<DockerImage> {
    const api = new DockerApi(findSocket());
    const image = new DockerImage(api, await versionOf(api), name);
    const tar = spawn("tar", ["--create", "--directory", root, "."], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await api.upload(`/images/create?fromSrc=-&repo=${name}`, tar.stdout);
    return image;
  }

  /** Creates a container and returns its id. `config` has the fields of Docker's API. */
  async create(config: object): Promise<string> {
    const labelled = { Image: this.#name, Labels: { [this.#name]: "" }, ...config };
    return createdShape.parse(await this.#api.call("POST", "/containers/create", labelled)).Id;
  }

  async start(id: string): Promise<void> {
    await this.#api.call("POST", `/containers/${id}/start`);
  }

  /** Waits until a container has ended, and removes it. Errors: Error if its exit code is not 0. */
  async end(id: string): Promise<void> {
    const { StatusCode } = waitedShape.parse(
      await this.#api.call("POST", `/containers/${id}/wait`),
    );
    await this.#api.call("DELETE", `/containers/${id}`);
    if (StatusCode !== 0) throw new Error(`a container ended with exit code ${StatusCode}`);
  }

  /** Removes the image and all containers that were made from it. */
  async close(): Promise<void> {
    const filter = encodeURIComponent(JSON.stringify({ label: [this.#name] }));
    const left = listShape.parse(
      await this.#api.call("GET", `/containers/json?all=true&filters=${filter}`),
    );
    for (const { Id } of left) await this.#api.call("DELETE", `/containers/${Id}?force=true`);
    await this.#api.call("DELETE", `/images/${this.#name}?force=true`);
    this.#api.close();
  }
}

function findSocket(): string {
  const { DOCKER_HOST: given } = process.env;
  if (given?.startsWith("unix://")) return given.slice("unix://".length);
  const socket = SOCKETS.find((path) => existsSync(path));
  if (socket === undefined) throw new Absent(`the socket of a Docker daemon is missing: ${HOW}`);
  return socket;
}

async function versionOf(api: DockerApi): Promise<string> {
  try {
    return versionShape.parse(await api.call("GET", "/version")).Version;
  } catch (error) {
    throw new Absent(`no Docker daemon answers (${(error as Error).message}): ${HOW}`);
  }
}
