import { crc32 } from "node:zlib";
import { BadCursor } from "../ports/sessions.ts";

/** Where a page of a newest-first list ended: the last item's creation time (ms since 1970) and id. */
export interface ListPosition {
  readonly createdAt: number;
  readonly id: string;
}

/** The opaque form of a position: base64url of `<crc32>:<createdAt>:<id>`. The sum is against garbage, not forgery. */
export function cursorAt({ createdAt, id }: ListPosition): string {
  const text = `${createdAt}:${id}`;
  return Buffer.from(`${crc32(text)}:${text}`, "utf8").toString("base64url");
}

/**
 * Reads a cursor back. Only the very text that `cursorAt` writes is accepted, so that no two texts mean one place.
 * @throws BadCursor
 */
export function positionOf(cursor: string): ListPosition {
  const [, createdAt, id] = /^\d+:(\d+):(.+)$/s.exec(Buffer.from(cursor, "base64url").toString("utf8")) ?? [];
  if (createdAt !== undefined && id !== undefined) {
    const position = { createdAt: Number(createdAt), id };
    if (cursorAt(position) === cursor) return position;
  }
  throw new BadCursor("This cursor was not made here.");
}

/** Newest first: by creation time, then by id, both descending. Negative where `a` stands before `b`. */
export function newestFirst(a: ListPosition, b: ListPosition): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}

/** Cuts a page out of at most `limit + 1` items: the one too many says that another page follows. */
export function pageOf<T>(items: readonly T[], limit: number, position: (item: T) => ListPosition) {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, nextCursor: items.length > limit && last !== undefined ? cursorAt(position(last)) : null };
}
