import { Agent, request } from "node:http";
import type { Readable } from "node:stream";

const TIMEOUT_MS = 60_000;

/** Docker's HTTP interface on its socket. Connections are kept open. */
export class DockerApi {
  readonly #socket: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(socket: string) {
    this.#socket = socket;
  }

  /**
   * Sends one request. Returns the answer, parsed if it is JSON. Errors: Error with Docker's
   * message if the status is above 399.
   */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = body === undefined ? "" : JSON.stringify(body);
    return parsed(await this.#send(method, path, "application/json", text));
  }

  /** Sends an archive. */
  async upload(path: string, archive: Readable): Promise<void> {
    await this.#send("POST", path, "application/x-tar", archive);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, type: string, body: string | Readable): Promise<string> {
    const options = {
      socketPath: this.#socket,
      agent: this.#agent,
      method,
      path,
      headers: { host: "docker", "content-type": type },
      timeout: TIMEOUT_MS,
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode! < 400) resolve(text);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text.trim()}`));
        });
      });
      sent.on("error", reject);
      sent.on("timeout", () => sent.destroy(new Error(`${method} ${path}: no answer in 60 s`)));
      if (typeof body === "string") sent.end(body);
      else body.pipe(sent);
    });
  }
}

function parsed(text: string): unknown {
  return text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text;
}
