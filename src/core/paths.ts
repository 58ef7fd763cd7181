import { utf8Bytes } from "./limits.ts";
import { type OrRefusal, refusal } from "./refusal.ts";
import type { Role } from "./session.ts";

/** Somebody whose rights are asked for. Every `Actor` is one. */
export type Reader = { readonly userId: string; readonly role: Role };

export const MAX_SEGMENTS = 8;
const MAX_SEGMENT_BYTES = 128;
const LONGEST_PATH = MAX_SEGMENTS * (MAX_SEGMENT_BYTES + 1) - 1;
const NAMESPACES: ReadonlySet<string> = new Set(["shared", "players", "private", "gm", "table"]);
const CONTROL_OR_SLASH = /[\p{Cc}/]/u;

/**
 * Whether a value can stand between two slashes of a path, and so be a user id: 1 to 128 bytes of UTF-8 in Unicode
 * NFC, without `/`, control characters (category Cc) and lone surrogates, not `.` or `..`.
 */
export function isPathSegment(text: unknown): text is string {
  if (typeof text !== "string" || text === "" || text === "." || text === "..") return false;
  // A UTF-16 unit is at least one byte of UTF-8: this bounds the work below for texts of any length.
  if (text.length > MAX_SEGMENT_BYTES || utf8Bytes(text) > MAX_SEGMENT_BYTES) return false;
  return text.isWellFormed() && !CONTROL_OR_SLASH.test(text) && text.normalize("NFC") === text;
}

/**
 * Checks a path as a client names it: 1 to 8 segments, the first a known namespace, and something below that.
 * @returns the same text, or the refusal `invalid_path`
 */
export function parsePath(text: unknown): OrRefusal<string> {
  if (typeof text !== "string") return refusal("invalid_path", "A path is a text.");
  if (text.length > LONGEST_PATH) return refusal("invalid_path", "The path is too long.");
  const segments = text.split("/");
  if (!NAMESPACES.has(segments[0]!)) {
    return refusal("invalid_path", `A path starts with one of ${[...NAMESPACES].join(", ")}.`);
  }
  if (segments.length < 2) return refusal("invalid_path", "A namespace alone is no path.");
  if (segments.length > MAX_SEGMENTS) return refusal("invalid_path", `A path has at most ${MAX_SEGMENTS} segments.`);
  if (!segments.every(isPathSegment)) return badSegment();
  return text;
}

/** The refusal for a path segment, or for an object's key that would become one. */
export function badSegment() {
  return refusal(
    "invalid_path",
    `A path segment has 1 to ${MAX_SEGMENT_BYTES} bytes of UTF-8 in NFC, no "/" or control characters, and is not "." or "..".`,
  );
}

/** The number of segments of a path. */
export function depthOf(path: string): number {
  let depth = 1;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) depth++;
  return depth;
}

/** The path one segment up; undefined at the first segment. */
export function parentOf(path: string): string | undefined {
  const at = path.lastIndexOf("/");
  return at === -1 ? undefined : path.slice(0, at);
}

/** Whether a path lies strictly below another. */
export function isBelow(path: string, above: string): boolean {
  return path.length > above.length && path[above.length] === "/" && path.startsWith(above);
}

/** Whether an entry belongs to the schema map `hidden` (`private/…`, `gm/…`) and not to `entries`. */
export function isHidden(path: string): boolean {
  const namespace = segmentOf(path, 0);
  return namespace === "private" || namespace === "gm";
}

/** Of a hidden path: the user id in `private/<userId>/…`; null for what GMs alone may see. */
export function hiddenOwner(path: string): string | null {
  return segmentOf(path, 0) === "private" ? segmentOf(path, 1) : null;
}

/** Whether somebody may see what stands at a path. The single rule of redaction; an unknown namespace is seen by nobody. */
export function canRead(path: string, reader: Reader): boolean {
  switch (segmentOf(path, 0)) {
    case "shared":
    case "players":
    case "table":
      return true;
    case "private":
      return reader.role === "gm" || segmentOf(path, 1) === reader.userId;
    case "gm":
      return reader.role === "gm";
    default:
      return false;
  }
}

/** Whether somebody may write at a path with a built-in action. (`table/…`: GMs; server-side actions do not ask here.) */
export function canWrite(path: string, actor: Reader): boolean {
  if (actor.role === "spectator") return false;
  const isGm = actor.role === "gm";
  switch (segmentOf(path, 0)) {
    case "shared":
      return true;
    case "players":
    case "private":
      return isGm || segmentOf(path, 1) === actor.userId;
    case "gm":
    case "table":
      return isGm;
    default:
      return false;
  }
}

/** The segment with that index, found without taking the whole path apart; empty where the path is shorter. */
function segmentOf(path: string, index: number): string {
  let start = 0;
  for (let skipped = 0; skipped < index; skipped++) {
    const slash = path.indexOf("/", start);
    if (slash === -1) return "";
    start = slash + 1;
  }
  const end = path.indexOf("/", start);
  return end === -1 ? path.slice(start) : path.slice(start, end);
}
