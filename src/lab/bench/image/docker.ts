import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { compileBeside } from "../../../real/host/python.js";
import { FILES_FOLDER } from "../../../real/packages/package-metadata.js";
import { DockerImage } from "../contenders/docker-image.js";
import type { InstalledPackages } from "../installed-packages.js";
import type { ImageAnswer } from "./handler.js";

/** Folders of the machine that Docker's containers may read, unless they are symbolic links. */
const SYSTEM = ["usr", "bin", "sbin", "lib", "lib64"];

/** Python program that loads a handler, calls it once, and sends its answer to /bench/socket. */
const RUN = `import json, socket, sys

folder, *paths = sys.argv[1:]
sys.path[:0] = [folder, *paths]
import f

answer = json.dumps(f.f({}))
with socket.socket(socket.AF_UNIX) as listener:
    listener.connect("/bench/socket")
    listener.sendall(answer.encode())
`;

/** Cold starts in Docker: a new container per handler, with packages and Python bound read-only. */
export class DockerHandlers {
  readonly version: string;
  readonly #image: DockerImage;
  readonly #folder: string;
  readonly #installed: InstalledPackages;
  readonly #server: Server;

  private constructor(
    image: DockerImage,
    folder: string,
    installed: InstalledPackages,
    server: Server,
  ) {
    this.version = image.version;
    this.#image = image;
    this.#folder = folder;
    this.#installed = installed;
    this.#server = server;
  }

  /** Errors: Absent if no Docker daemon answers. */
  static async open(
    folder: string,
    installed: InstalledPackages,
    handlers: readonly string[],
  ): Promise<DockerHandlers> {
    const root = join(folder, "root");
    makeRoot(root);
    const image = await DockerImage.import(root, `socklab-bench-${process.pid}-image`);
    const sources = handlers.map((_, number) => join(folder, `h${number}`, "f.py"));
    for (const [number, source] of sources.entries()) {
      mkdirSync(join(folder, `h${number}`));
      writeFileSync(source, handlers[number]);
    }
    writeFileSync(join(folder, "run.py"), RUN);
    compileBeside(installed.state.python, sources);
    const server = createServer({ allowHalfOpen: true }).listen(join(folder, "socket"));
    await once(server, "listening");
    return new DockerHandlers(image, folder, installed, server);
  }

  /**
   * Measures from the request for a container to the handler's answer, then removes the container.
   */
  async start(
    handler: number,
  ): Promise<{ readonly firstAnswerUs: number; readonly answer: unknown }> {
    const { layout, python } = this.#installed.state;
    const paths = this.#installed.keys.map((key) => `/packages/${key}/${FILES_FOLDER}`);
    const binds = SYSTEM.map((name) => `/${name}`).filter(isFolder);
    if (!python.prefix.startsWith("/usr")) binds.push(python.prefix);
    const beganMs = performance.now();
    const answered = once(this.#server, "connection").then(([socket]) => text(socket));
    const id = await this.#image.create({
      Cmd: [python.program, "-I", "-S", "/bench/run.py", `/bench/h${handler}`, ...paths],
      HostConfig: {
        NetworkMode: "host",
        Binds: [
          ...binds.map((path) => `${path}:${path}:ro`),
          `${layout.packages}:/packages:ro`,
          `${this.#folder}:/bench:ro`,
        ],
      },
    });
    await this.#image.start(id);
    // if a container ends without an answer, `end` fails with its exit code
    const ended = this.#image.end(id);
    const answer = await Promise.race([answered, ended.then(() => answered)]);
    const firstAnswerUs = (performance.now() - beganMs) * 1000;
    await ended;
    return { firstAnswerUs, answer: JSON.parse(answer) as ImageAnswer };
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.#image.close();
  }
}

/** Makes mount points, and the symbolic links of a merged /usr. */
function makeRoot(root: string): void {
  for (const name of ["dev", "proc", "sys", "tmp", "etc", "packages", "bench"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  for (const name of SYSTEM.filter((each) => existsSync(`/${each}`))) {
    if (isFolder(`/${name}`)) mkdirSync(join(root, name));
    else symlinkSync(readlinkSync(`/${name}`), join(root, name));
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && !lstatSync(path).isSymbolicLink();
}
