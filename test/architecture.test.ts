import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../src", import.meta.url));

/**
 * What each folder may import of ours: `room`, `http` → `live` → `core`, `ports`; `ports` → `core`; `stores`,
 * `cluster` → `ports`, `core`; `archive` (whole stores: doctor, export, import) → `live`, `core`, `ports`. Beside these: `identity` is who somebody is by their token (asked at both edges, and
 * knows what a user id is), `ops` is logs and figures (of what the edges and the live sessions tell, through interfaces
 * that those own). `files` is what a file system may and may not do, and knows nothing of this program; `cli` is a file per
 * command. `config.ts` is read by whoever is configured whole, never by the rules or the running sessions.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  files: [],
  ports: ["core"],
  live: ["core", "ports"],
  stores: ["core", "ports", "files"],
  cluster: ["core", "ports"],
  archive: ["core", "ports", "live", "files"],
  identity: ["core", "ports", "files", "config.ts"],
  cli: ["core", "ports", "archive", "identity", "files", "config.ts", "open-stores.ts", "version.ts"],
  ops: ["core", "ports", "live", "room", "http", "cluster", "config.ts"],
  room: ["core", "ports", "live", "identity", "ops"],
  http: ["core", "ports", "live", "identity", "ops", "config.ts"],
};
/** Frameworks and stores, by the folders and files that may know of them. */
const FRAMEWORKS: readonly (readonly [from: RegExp, folders: readonly string[]])[] = [
  [/^@colyseus\//, ["room", "cluster", "ops", "app.ts"]],
  // Matchmaking is HTTP in front of the room: Colyseus' own routes, closed but for two.
  [/^(express|helmet)$/, ["http", "room/matchmaking.ts"]],
  [/^(mongodb|node:sqlite)$/, ["stores"]],
  [/^(ioredis|redis)$/, ["cluster"]],
];
/** Core is pure; hashing is arithmetic. */
const CORE_MAY_IMPORT = ["node:crypto", "canonicalize", "zod"];
/** Start the process, or stand on its edge: may import anything but `app.ts`, which only these know. */
const MAY_IMPORT_APP = ["main.ts"];

interface Source {
  /** from src */
  readonly path: string;
  /** its folder, or its name where it is in none */
  readonly folder: string;
  readonly text: string;
  /** what it imports: paths from src, or names of packages */
  readonly imports: readonly string[];
}

function sources(): Source[] {
  return globSync("**/*.ts", { cwd: SRC }).map((file) => {
    const path = file.replaceAll("\\", "/");
    const text = readFileSync(`${SRC}/${path}`, "utf8");
    return { path, folder: folderOf(path), text, imports: importsOf(path, text) };
  });
}

function folderOf(path: string): string {
  return path.split("/")[0]!;
}

function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)["']([^"'\n]+)["']/gm);
  return Array.from(found, ([, name]) =>
    name!.startsWith(".") ? posix.normalize(posix.join(posix.dirname(path), name!)) : name!,
  );
}

/** Comments are no code. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

describe("architecture", () => {
  const all = sources();

  it("[G1] reads the source as it is", () => {
    assert.ok(all.length > 100, `${all.length} files in ${relative(dirname(SRC), SRC)}`);
    const session = all.find(({ path }) => path === "live/hosted-session.ts");
    assert.ok(session?.imports.includes("live/journal.ts") && session.imports.includes("core/state.ts"));
  });

  it("[G1] imports go one way", () => {
    const wrong = all.flatMap(({ path, folder, imports }) => {
      const allowed = MAY_IMPORT[folder];
      if (path === folder) return [];
      if (allowed === undefined) return [`${path}: the folder ${folder} is in no rule`];
      return imports
        .filter((target) => all.some((other) => other.path === target))
        .filter((target) => folderOf(target) !== folder && !allowed.includes(folderOf(target)))
        .map((target) => `${path} imports ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("[G2] only the stores' own folders and open-stores.ts know which store there is", () => {
    const wrong = all.flatMap(({ path, folder, imports }) =>
      folder === "stores" || path === "open-stores.ts"
        ? []
        : imports.filter((target) => target.startsWith("stores/")).map((target) => `${path} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it("[G3] nothing imports app.ts but what starts it", () => {
    const importers = all.filter(({ imports }) => imports.includes("app.ts")).map(({ path }) => path);
    assert.deepEqual(importers, MAY_IMPORT_APP);
  });

  it("[G4] frameworks stay in their folders, and core is pure", () => {
    const wrong = all.flatMap(({ path, folder, imports }) =>
      imports
        .filter((target) => !all.some((other) => other.path === target))
        .filter(
          (target) =>
            FRAMEWORKS.some(
              ([from, folders]) => from.test(target) && !folders.includes(folder) && !folders.includes(path),
            ) ||
            (folder === "core" && !CORE_MAY_IMPORT.includes(target)),
        )
        .map((target) => `${path} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
    const impure = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bperformance\./;
    const clocked = all.filter(({ folder, text }) => folder === "core" && impure.test(codeOf(text)));
    assert.deepEqual(
      clocked.map(({ path }) => path),
      [],
    );
  });

  it("[G5] time in the running sessions is the clock's, except to measure", () => {
    const timed = /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bMath\.random\(/;
    const wrong = all.filter(({ folder, text }) => folder === "live" && timed.test(codeOf(text)));
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  it("[G6] process.env is read in config.ts alone", () => {
    const readers = all.filter(({ text }) => /\bprocess\s*(\.|\[")env\b/.test(codeOf(text))).map(({ path }) => path);
    assert.deepEqual(readers, ["config.ts"]);
  });

  it("[G7] only viewers.ts touches StateView", () => {
    // To say the type in a signature, as the serializer has to, is no touch.
    const touch = /\bnew StateView\b|import \{[^}]*\bStateView\b[^}]*\} from|\bview\.(add|remove|clear|dispose)\(/;
    const users = all.filter(({ text }) => touch.test(codeOf(text))).map(({ path }) => path);
    assert.deepEqual(users, ["room/viewers.ts"]);
  });
});
