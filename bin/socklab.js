#!/usr/bin/env node
import { existsSync } from "node:fs";

const start = new URL("../dist/cli/start.js", import.meta.url);

if (existsSync(start)) {
  await (await import(start.href)).start();
} else {
  process.stderr.write("socklab: it is not built yet: run npm ci && npm run build\n");
  process.exitCode = 3;
}
