import { isJson, isObject, type Json } from "./json.ts";
import { MAX_COMMAND_BYTES, utf8Bytes } from "./limits.ts";
import { type OrRefusal, type Refusal, refusal } from "./refusal.ts";

/** What a client asks for, of the right shape. Nothing in it has been looked up yet: not the action, not the paths. */
export interface Command {
  /** chosen by the client, unique per participant */
  readonly id: string;
  readonly action: string;
  readonly payload: Json;
  /** path → version */
  readonly expect: ReadonlyMap<string, number>;
}

const MAX_ID_CHARACTERS = 64;
const FIELDS: ReadonlySet<string> = new Set(["id", "action", "payload", "expect"]);

/**
 * Checks the shape of a command as it came out of MessagePack, which can say more than JSON.
 * @returns the command; `bad_request` for another shape, `limit_exceeded` for over 256 KiB of JSON text
 */
export function parseCommand(message: unknown): OrRefusal<Command> {
  if (!isObject(message)) return bad("A command is an object {id, action, payload, expect?}.");
  const unknown = Object.keys(message).find((key) => !FIELDS.has(key));
  if (unknown !== undefined) return bad("A command has the fields id, action, payload and expect, and no others.");
  const { action, payload } = message;
  // Null counts as absent, as in every optional field.
  const expect = message.expect ?? {};
  const id = usableId(message);
  if (id === undefined) return bad(`id should be a text of 1 to ${MAX_ID_CHARACTERS} characters.`);
  if (typeof action !== "string" || !action.isWellFormed()) return bad("action should be a text.");
  if (!isJson(payload)) return bad("payload should be there, and be what JSON can say.");
  if (!isObject(expect) || !isJson(expect)) return bad("expect should be an object of path → version.");
  const versions = new Map<string, number>();
  for (const [path, version] of Object.entries(expect)) {
    if (!isVersion(version)) return bad("Each version in expect should be a whole number, 0 or more.");
    versions.set(path, version);
  }
  if (utf8Bytes(JSON.stringify({ id, action, payload, expect })) > MAX_COMMAND_BYTES) {
    return tooLong();
  }
  return { id, action, payload, expect: versions };
}

/** The refusal for a command of over 256 KiB of JSON text. */
export function tooLong(): Refusal {
  return refusal("limit_exceeded", `A command has at most ${MAX_COMMAND_BYTES} bytes of JSON text.`);
}

/** The id under which even a command that is otherwise wrong can be answered; undefined where there is none. */
export function usableId(message: unknown): string | undefined {
  if (!isObject(message) || !Object.hasOwn(message, "id")) return undefined;
  const { id } = message;
  if (typeof id !== "string" || id === "" || !id.isWellFormed()) return undefined;
  // A character is a code point, of one or two UTF-16 units.
  if (id.length > 2 * MAX_ID_CHARACTERS || [...id].length > MAX_ID_CHARACTERS) return undefined;
  return id;
}

function isVersion(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function bad(message: string): Refusal {
  return refusal("bad_request", message);
}
