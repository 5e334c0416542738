import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parsePinned } from "./package-names.js";
import { InstallError } from "./package-store.js";
import { HOME_FOLDER, LOCK_FILE, type PackageTool } from "./package-tool.js";

const MOST_BYTES = 64 * 1024 ** 2;

/** The part of pip's installation report that names what it would install. */
const reportShape = z.object({
  install: z.array(z.object({ metadata: z.object({ name: z.string(), version: z.string() }) })),
});

/**
 * The packages, as `name==version`, that a job `resolve` found. Errors: InstallError if its file
 * names something that cannot be installed as a pinned package.
 */
export async function readLock({ kind }: PackageTool, folder: string): Promise<readonly string[]> {
  const text = await readPlain(join(folder, HOME_FOLDER, LOCK_FILE));
  const found = kind === "uv" ? fromList(text) : fromReport(text);
  return found
    .map((each) => {
      const pinned = parsePinned(each);
      if (pinned === undefined) {
        throw new InstallError(
          "failed",
          `${kind} resolved to "${each}", which is not name==version`,
        );
      }
      return `${pinned.name}==${pinned.version}`;
    })
    .toSorted();
}

function fromList(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("-"))
    .map((line) =>
      line
        .split(";", 1)[0]
        .trim()
        .replace(/\[[^\]]*\]/, ""),
    );
}

function fromReport(text: string): readonly string[] {
  return reportShape
    .parse(JSON.parse(text))
    .install.map(({ metadata: { name, version } }) => `${name}==${version}`);
}

/** The text of a file that an untrusted program wrote: not of a link, a pipe, or of something huge. */
async function readPlain(path: string): Promise<string> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error(`${path} is not a plain file`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
