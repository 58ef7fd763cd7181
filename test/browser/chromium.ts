import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/** The machine's own Chromium; undefined where it has none. */
export function chromiumPath(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Skips a suite where there is no Chromium, saying so in one line; with CI=true that is a failure. */
export function needsChromium(suite: Mocha.Suite | Mocha.Context): string {
  const path = chromiumPath();
  if (path !== undefined) return path;
  if (process.env.CI === "true") throw new Error("CI has no chromium: install the package of that name");
  console.log("      skipped: there is no chromium on this machine (apt-get install chromium)");
  return (suite as Mocha.Context).skip() as never;
}

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page that a test serves itself has no address; Chromium would not let it talk to this machine.
  "--disable-features=LocalNetworkAccessChecks",
];

/** A browser for several people, each in a context of their own. */
export async function launchChromium(path: string): Promise<Browser> {
  return await chromium.launch({ executablePath: path, headless: true, args: ARGS });
}

/** A fresh browser profile that talks to nobody by itself. `close` removes it. */
export async function openChromium(path: string): Promise<{ context: BrowserContext; close: () => Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
    args: ARGS,
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
