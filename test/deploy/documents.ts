import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CORE_SCHEMA, load, mergeTag } from "js-yaml";

const DEPLOY = fileURLToPath(new URL("../../deploy/", import.meta.url));

/** A file of `deploy/`, as text. */
export function deployed(path: string): string {
  return readFileSync(DEPLOY + path, "utf8");
}

/** The one document of a YAML file of `deploy/`, anchors and `<<` resolved. @throws where it is no YAML, or has a key twice */
export function documentIn<T>(path: string): T {
  return load(deployed(path), { schema: CORE_SCHEMA.withTags(mergeTag), filename: path }) as T;
}

/** The variables that the server knows, as docs/configuration.md lists them. */
export function variables(): ReadonlySet<string> {
  const text = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return new Set(rows.flatMap((row) => Array.from(row.split("|")[1]!.matchAll(/`([A-Z_]+)`/g), ([, name]) => name!)));
}
