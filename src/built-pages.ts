import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** A folder per state of the sources, named by its digest: written elsewhere and then renamed, so that it is whole. */
const BUILT = join(ROOT, "dist/web");
const SOURCES = ["web/**/*", "clients/js/src/**/*", "package-lock.json"];

/** The digest of everything that the pages are built from; undefined where there are no sources, as in a slim image. */
export function pageSources(): string | undefined {
  const files = globSync(SOURCES, { cwd: ROOT, exclude: (path) => path.includes("node_modules") })
    .filter((path) => statSync(join(ROOT, path)).isFile())
    .sort();
  if (!files.some((path) => path.startsWith("web"))) return undefined;
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(join(ROOT, file));
    hash.update(`${file.replaceAll("\\", "/")}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Where the pages of these sources are, built or not yet. */
export function pageFolder(digest: string): string {
  return join(BUILT, digest);
}

/**
 * The folder of the built pages. They are built first where the sources are others than at the last build: by a process
 * of its own, so that the bundler's memory is not the server's. Nothing is written where they are built already.
 * @param tell is told in a few words what goes on and what went wrong
 * @returns undefined where they are not built and cannot be: the server serves everything else
 */
export async function builtPages(tell: (what: string) => void): Promise<string | undefined> {
  const digest = pageSources();
  if (digest === undefined) return lastBuilt();
  const folder = pageFolder(digest);
  if (existsSync(folder)) return folder;
  tell("the pages have changed, or were never built: building them");
  const said = await build();
  if (existsSync(folder)) return folder;
  tell(`the pages could not be built: ${said.trim().slice(-2_000)}`);
  return lastBuilt();
}

function lastBuilt(): string | undefined {
  return globSync("*/", { cwd: BUILT })
    .map((name) => join(BUILT, name))
    .filter((folder) => existsSync(join(folder, "home.html")))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

/** @returns what it said */
function build(): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const child = spawn(process.execPath, [join(ROOT, "web/build.ts")], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.once("error", (error) => resolve(error.message));
    child.once("close", () => resolve(said));
  });
}
