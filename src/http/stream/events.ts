import type { Entry } from "../../core/session.ts";

/** The names of contract section 6, and `title`. */
export type EventName = "snapshot" | "patch" | "presence" | "status" | "title" | "end";

/** A line that clients ignore: it keeps whatever is between from taking the stream for dead. */
export const COMMENT = Buffer.from(":\n\n");

/** One event as it goes over the wire. @param json JSON text as `JSON.stringify` makes it, without line breaks */
export function encodeEvent(name: EventName, json: string): Buffer {
  return Buffer.from(`event: ${name}\ndata: ${json}\n\n`);
}

/** One property of a JSON object. By text, so that what many are sent is encoded once, and any key is safe. */
export function property(key: string, json: string): string {
  return `${JSON.stringify(key)}:${json}`;
}

/** `"path":{"value","version","by"}` */
export function entryProperty(path: string, { value, version, by }: Entry): string {
  return property(path, JSON.stringify({ value, version, by }));
}

/** @param set properties @param gone paths, as JSON texts */
export function patchJson(seq: number, set: readonly string[], gone: readonly string[]): string {
  return `{"seq":${seq},"set":{${set.join(",")}},"delete":[${gone.join(",")}]}`;
}
