import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Request } from "express";
import type { Answer } from "./route.ts";

export const PAGES = ["home", "invite", "play", "console"] as const;
export type PageName = (typeof PAGES)[number];

/** What the server tells its pages, beyond the contract: how people sign in here, and what they can do. */
export interface SiteFacts {
  readonly devLogin: boolean;
  readonly guests: boolean;
  /** the people whom anybody may be in dev login */
  readonly demo: { readonly people: readonly DemoPerson[] } | undefined;
  /** all actions that there are, by name */
  readonly actions: ReadonlyMap<string, unknown>;
}

export interface DemoPerson {
  readonly userId: string;
  readonly name: string;
  readonly role: string;
}

/** A file in every encoding that it is served in, the best one first. */
interface Encoded {
  readonly type: string;
  readonly encodings: ReadonlyMap<string, Buffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".md": "text/markdown; charset=utf-8",
};
const HASHED = /-[\w-]{8}\.\w+$/;
const COMPRESSED = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** The built pages, whole in memory: a build that is replaced or removed under a running server changes nothing for it. */
export class Site {
  readonly #pages: ReadonlyMap<PageName, { readonly toSome: Encoded; readonly toAll: Encoded }>;
  readonly #assets: ReadonlyMap<string, Encoded>;

  /** whom anybody may be in dev login */
  readonly people: readonly DemoPerson[];

  /** @param folder as `web/build.ts` leaves it. @throws where a page is missing */
  constructor(folder: string, { devLogin, guests, demo, actions }: SiteFacts) {
    this.people = demo?.people ?? [];
    const toSome = { devLogin, guests, people: demo?.people ?? [], actions: [...actions.keys()] };
    const toAll = { ...toSome, devLogin: false, people: [] };
    this.#pages = new Map(
      PAGES.map((name) => [name, { toSome: pageIn(folder, name, toSome), toAll: pageIn(folder, name, toAll) }]),
    );
    const names = globSync("assets/*", { cwd: folder }).filter((path) => extname(path) in TYPES);
    this.#assets = new Map(names.map((path) => [basename(path), assetIn(folder, path)]));
  }

  /** @param mayUseDevLogin whether who asks may be told of it, where it is open */
  page(name: PageName, request: Request, mayUseDevLogin: boolean, headers: Readonly<Record<string, string>>): Answer {
    const { toSome, toAll } = this.#pages.get(name)!;
    return answerWith(mayUseDevLogin ? toSome : toAll, request, { ...headers, "Cache-Control": "no-cache" });
  }

  /** A file by its name; undefined where there is none. A name with a hash of the content in it never changes its mind. */
  asset(name: string, request: Request): Answer | undefined {
    const file = this.#assets.get(name);
    if (file === undefined) return undefined;
    const caching = HASHED.test(name) ? "public, max-age=31536000, immutable" : "no-cache";
    return answerWith(file, request, { "Cache-Control": caching });
  }
}

function answerWith(file: Encoded, request: Request, headers: Readonly<Record<string, string>>): Answer {
  // One by one: asked for all at once, Express picks what the browser happens to name first.
  const encoding = [...file.encodings.keys()].find((name) => request.acceptsEncodings(name) !== false) ?? "identity";
  return {
    status: 200,
    bytes: file.encodings.get(encoding)!,
    headers: {
      ...headers,
      "Content-Type": file.type,
      Vary: "Origin, Accept-Encoding",
      ...(encoding === "identity" ? {} : { "Content-Encoding": encoding }),
    },
  };
}

/** Links in a page are relative to it, so that it also works below a path of a proxy's; all but home are one level down. */
function pageIn(folder: string, name: PageName, data: object): Encoded {
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  const page = readFileSync(join(folder, `${name}.html`), "utf8")
    .replaceAll('="./', name === "home" ? '="./' : '="../')
    .replace('type="application/json">null<', () => `type="application/json">${json}<`);
  const plain = Buffer.from(page);
  const encodings = new Map([
    ["br", brotliCompressSync(plain)],
    ["gzip", gzipSync(plain)],
    ["identity", plain],
  ]);
  return { type: TYPES[".html"]!, encodings };
}

function assetIn(folder: string, path: string): Encoded {
  const file = join(folder, path);
  // What is packed already, as fonts are, has none beside it.
  const there = COMPRESSED.filter(([, ending]) => existsSync(file + ending));
  const encodings = new Map(there.map(([encoding, ending]) => [encoding as string, readFileSync(file + ending)]));
  return { type: TYPES[extname(path)]!, encodings: encodings.set("identity", readFileSync(file)) };
}
