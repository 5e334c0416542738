import { join } from "node:path";
import { storedEntry, writeZip } from "../../src/real/made-up/zip-writer.js";

/** Writes a wheel of version 1.0 with these modules, from paths to sources, to a folder. */
export async function writeWheel(
  folder: string,
  name: string,
  modules: Readonly<Record<string, string>>,
): Promise<void> {
  const info = `${name}-1.0.dist-info`;
  const wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
  const files = {
    ...modules,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    [`${info}/WHEEL`]: wheel,
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((path) => `${path},,\n`).join("");
  const entries = Object.entries({ ...files, [`${info}/RECORD`]: record });
  await writeZip(
    join(folder, `${name}-1.0-py3-none-any.whl`),
    entries.map(([path, text]) => storedEntry(path, Buffer.from(text))),
  );
}
