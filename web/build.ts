// Builds the pages into dist/web/<digest of their sources>, with gzip and brotli beside each file. `npm run build`; a start
// of the server does the same where the sources have changed.
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";
import { pageFolder, pageSources } from "../src/built-pages.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PAGES = ["home", "invite", "play", "console"];
/** Older builds that stay: a server that starts just now may still be reading one. */
const KEPT_BUILDS = 2;

const digest = pageSources();
if (digest === undefined) throw new Error("there is nothing to build");
const folder = pageFolder(digest);
if (existsSync(folder)) console.log(`the pages are built already: ${folder}`);
else await buildInto(folder);

async function buildInto(target: string): Promise<void> {
  // Its libraries are the ones for production, whatever the server runs as.
  process.env.NODE_ENV = "production";
  const making = `${target}.${process.pid}.part`;
  mkdirSync(dirname(target), { recursive: true });
  try {
    await build({
      root: HERE,
      configFile: false,
      envDir: false,
      // References relative to the page, so that a proxy may serve all this below a path of its own.
      base: "./",
      publicDir: false,
      logLevel: "warn",
      build: {
        outDir: making,
        cssTarget: ["chrome123", "firefox120", "safari17.5"],
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
        license: { fileName: "assets/licences.md" },
        rolldownOptions: { input: PAGES.map((page) => join(HERE, `${page}.html`)) },
      },
    });
    for (const file of globSync("assets/*.{js,css,svg,md}", { cwd: making })) compress(join(making, file));
    renameSync(making, target);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another process built the same in the meantime.
    if (!existsSync(target)) throw error;
  }
  prune(dirname(target), target);
  console.log(`built the pages: ${target}`);
}

function compress(file: string): void {
  const content = readFileSync(file);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: quality }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
}

function prune(parent: string, newest: string): void {
  const others = globSync("*/", { cwd: parent })
    .map((name) => join(parent, name))
    .filter((path) => path !== newest && !path.endsWith(".part"))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of others.slice(KEPT_BUILDS)) rmSync(old, { recursive: true, force: true });
}
