import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { onTestFinished } from "vitest";

const CHROMIUM = "/usr/bin/chromium";
/** Why a test in a browser is skipped, or false. */
export const NO_BROWSER: false | string = existsSync(CHROMIUM)
  ? false
  : `${CHROMIUM} is missing: apt-get install chromium`;

interface Screen {
  readonly width: number;
  readonly colorScheme?: "light" | "dark";
}

/**
 * The system's Chromium without a window, with its own profile. Both are removed after the test.
 */
export async function openBrowser({
  width,
  colorScheme = "light",
}: Screen): Promise<BrowserContext> {
  const profile = await mkdtemp(join(tmpdir(), "socklab-chromium-"));
  onTestFinished(() => rm(profile, { recursive: true, force: true }));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    viewport: { width, height: 900 },
    colorScheme,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  onTestFinished(() => context.close());
  return context;
}
