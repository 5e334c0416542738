#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);

if (existsSync(main)) {
  await (await import(main.href)).start();
} else {
  process.stderr.write("socklab: it is not built yet: run npm ci && npm run build\n");
  process.exitCode = 3;
}
