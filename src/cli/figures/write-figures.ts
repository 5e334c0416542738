import { existsSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { OutputFile } from "../../lab/run/output-file.js";
import { vegaLite } from "../../report/charts/vega-lite.js";
import type { Report } from "../../report/report.js";
import type { Figure } from "../../report/section.js";
import { standaloneSvg } from "../../report/standalone.js";
import type { FigureFormat, FigureOrder } from "./figure-options.js";
import { findPdfMaker, type MakePdf } from "./make-pdf.js";

const ENDINGS: Readonly<Record<FigureFormat, string>> = {
  svg: "svg",
  pdf: "pdf",
  "vega-lite": "vl.json",
};

/**
 * Writes every figure of a report in every format into a folder, which is made if it is missing.
 * All files appear, or none. Returns the number of figures.
 *
 * Errors: InputError if the folder cannot be made or written; MachineError if a PDF is wanted and no
 * program makes one.
 */
export async function writeFigures(
  { sections }: Pick<Report, "sections">,
  { folder, formats, look }: FigureOrder,
): Promise<number> {
  const makePdf = formats.includes("pdf") ? findPdfMaker() : undefined;
  const figures = sections.flatMap((section) => section.figures);
  const isNew = makeFolder(folder);
  const files: OutputFile[] = [];
  try {
    for (const figure of figures) {
      for (const format of formats) {
        const path = join(folder, `${figure.id}.${ENDINGS[format]}`);
        const file = new OutputFile(path, "--figures");
        files.push(file);
        const content = await contentOf(figure, format, look, makePdf);
        if (typeof content === "string") file.write(content);
        else file.writeBytes(content);
      }
    }
    for (const file of files) file.complete();
    return figures.length;
  } catch (error) {
    for (const file of files) file.discard();
    if (isNew) rmdirSync(folder);
    throw error;
  }
}

async function contentOf(
  figure: Figure,
  format: FigureFormat,
  look: FigureOrder["look"],
  makePdf: MakePdf | undefined,
): Promise<string | Buffer> {
  if (format === "vega-lite") return `${JSON.stringify(vegaLite(figure.chart), null, 1)}\n`;
  const svg = standaloneSvg(figure, look);
  return format === "pdf" && makePdf !== undefined ? makePdf(svg, look.widthPx) : svg;
}

/** Whether the folder was made by this call. */
function makeFolder(folder: string): boolean {
  if (folder === "") throw new InputError("--figures: the path is empty, expected a folder");
  if (existsSync(folder)) {
    if (statSync(folder).isDirectory()) return false;
    throw new InputError(`--figures ${folder}: this is a file, expected a folder`);
  }
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    throw new InputError(`--figures ${folder}: cannot be made (${(error as Error).message})`);
  }
}
