import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Request } from "express";
import type { Answer } from "../route.ts";

/** Everything from here alone. Its styles come out of its script: they alone may be inline. */
const POLICY = [
  "default-src 'none'",
  "base-uri 'none'",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
].join("; ");
const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};
/** What this server adds to the panel: what works here, and nothing else. */
const OURS = ["monitor.js", "monitor.css"] as const;

interface PanelFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly packed: Buffer;
}

/**
 * The files of `@colyseus/monitor`'s own panel, read when the first viewer asks for them, and kept. No code of that package runs
 * here: its half of the server would call any method of any room.
 */
export class MonitorPanel {
  #files: Promise<ReadonlyMap<string, PanelFile>> | undefined;

  /** The page. @throws where the package is not there */
  async page(): Promise<Answer> {
    const page = (await this.#read()).get("index.html");
    if (page === undefined) throw new Error("the monitor's panel has no page");
    const headers = {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": POLICY,
      "Cache-Control": "no-store",
    };
    return { status: 200, bytes: page.plain, headers };
  }

  /** A file that the page loads; undefined where there is none. */
  async asset(name: string, request: Request): Promise<Answer | undefined> {
    const file = (await this.#read()).get(`assets/${name}`);
    if (file === undefined) return undefined;
    const isPacked = request.acceptsEncodings("gzip") !== false;
    return {
      status: 200,
      bytes: isPacked ? file.packed : file.plain,
      headers: {
        "Content-Type": file.type,
        "Cache-Control": "private, max-age=3600",
        Vary: "Accept-Encoding",
        ...(isPacked ? { "Content-Encoding": "gzip" } : {}),
      },
    };
  }

  #read(): Promise<ReadonlyMap<string, PanelFile>> {
    this.#files ??= readPanel().catch((error: unknown) => {
      this.#files = undefined;
      throw error;
    });
    return this.#files;
  }
}

async function readPanel(): Promise<ReadonlyMap<string, PanelFile>> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("@colyseus/monitor"))), "static");
  const page = ourPage(await readFile(join(folder, "index.html"), "utf8"));
  const files = new Map([["index.html", await fileOf("html", Buffer.from(page))]]);
  for (const [, name = ""] of page.matchAll(/"\.\/(assets\/[\w.-]+)"/g)) {
    const isOurs = OURS.some((ours) => name === `assets/${ours}`);
    const path = isOurs
      ? fileURLToPath(new URL(`../pages/${name.slice("assets/".length)}`, import.meta.url))
      : join(folder, name);
    files.set(name, await fileOf(name.split(".").at(-1)!, await readFile(path)));
  }
  return files;
}

async function fileOf(ending: string, plain: Buffer): Promise<PanelFile> {
  const packed = await promisify<Buffer, Buffer>(gzip)(plain);
  return { type: TYPES[ending] ?? "application/octet-stream", plain, packed };
}

/** The panel's page without what it would load from elsewhere, and with what is ours before its own script. */
function ourPage(page: string): string {
  const own = page.replaceAll(/<(?:link|script)\b[^>]*(?:href|src)="https?:[^>]*>(?:<\/script>)?/g, "");
  return own.replace(
    "</head>",
    `<link rel="icon" href="data:,"><script src="./assets/${OURS[0]}"></script><link rel="stylesheet" href="./assets/${OURS[1]}"></head>`,
  );
}
