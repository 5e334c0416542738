import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { MachineError } from "../../basics/errors.js";

const run = promisify(execFile);

const RSVG = ["rsvg-convert"];
const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"];
/** A drawing takes a second; a program that hangs is ended. */
const TIMEOUT_MS = 120_000;

/** Makes a PDF of an SVG of a given size in CSS pixels. */
export type MakePdf = (svg: string, widthPx: number) => Promise<Buffer>;

/**
 * The program of this machine that makes PDFs. Errors: MachineError if there is none, with the
 * remedy.
 */
export function findPdfMaker(path: string = process.env["PATH"] ?? ""): MakePdf {
  const rsvg = findProgram(RSVG, path);
  if (rsvg !== undefined) return (svg) => byRsvg(rsvg, svg);
  const chromium = findProgram(CHROMIUM, path);
  if (chromium !== undefined) return (svg, widthPx) => byChromium(chromium, svg, widthPx);
  throw new MachineError(
    `--figure-formats pdf: neither ${RSVG[0]} nor Chromium is there: apt-get install librsvg2-bin, or leave out pdf`,
  );
}

function findProgram(names: readonly string[], path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((each) => {
    try {
      accessSync(each, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function byRsvg(program: string, svg: string): Promise<Buffer> {
  return inFolder(async (folder) => {
    const [from, to] = [join(folder, "figure.svg"), join(folder, "figure.pdf")];
    await writeFile(from, svg);
    await perform(program, ["--format", "pdf", "--output", to, from]);
    return readFile(to);
  });
}

/** Prints a page that has the size of the drawing and nothing else. */
function byChromium(program: string, svg: string, widthPx: number): Promise<Buffer> {
  const heightPx = Number(/^<svg[^>]* height="(\d+)"/m.exec(svg)?.[1]);
  const size = `${widthPx}px ${heightPx}px`;
  const style = `@page{size:${size};margin:0}html,body{margin:0}svg{display:block}`;
  const drawing = svg.replace(/^<\?xml[^>]*>\s*/, "");
  const page = `<!doctype html><meta charset="utf-8"><style>${style}</style>${drawing}`;
  return inFolder(async (folder) => {
    const [from, to] = [join(folder, "figure.html"), join(folder, "figure.pdf")];
    await writeFile(from, page);
    const isRoot = process.getuid?.() === 0;
    await perform(program, [
      "--headless",
      "--disable-gpu",
      "--no-pdf-header-footer",
      "--no-first-run",
      "--disable-background-networking",
      `--user-data-dir=${join(folder, "profile")}`,
      ...(isRoot ? ["--no-sandbox"] : []),
      `--print-to-pdf=${to}`,
      pathToFileURL(from).href,
    ]);
    return readFile(to);
  });
}

async function perform(program: string, options: readonly string[]): Promise<void> {
  try {
    await run(program, options, { timeout: TIMEOUT_MS, killSignal: "SIGKILL" });
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new MachineError(`--figure-formats pdf: ${program} failed (${reason})`);
  }
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "socklab-figure-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
