import { whyUnsendable } from "./command.ts";
import { isJsonObject, type Json } from "./json.ts";
import type { StoredCommand } from "./storage.ts";

const FIELDS: ReadonlySet<string> = new Set(["order", "id", "action", "payload", "expect"]);
const MAX_ID_CHARACTERS = 64;

/**
 * A command from its stored JSON text.
 * @param order where it is kept under, which counts whatever the text says: under it, it will be removed
 * @throws an error without content where the text is none of this program's: cut off, of another format, nothing to be sent
 */
export function storedCommandIn(text: string | null, order: number): StoredCommand {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? "");
  } catch {
    // The message of JSON.parse quotes the text.
    throw new Error("it is no JSON");
  }
  return checkedCommand({ ...(isJsonObject(stored as Json) ? (stored as object) : {}), order });
}

/** A stored command that somebody else's storage gave back. @throws an error without content where it is none */
export function checkedCommand(stored: unknown): StoredCommand {
  const command = (isJsonObject(stored as Json) ? stored : {}) as Partial<StoredCommand>;
  const { order, id, action, payload, expect } = command;
  if (!Number.isSafeInteger(order) || (order as number) < 0) throw new Error("its order is no whole number");
  if (typeof id !== "string" || id === "" || !id.isWellFormed() || [...id].length > MAX_ID_CHARACTERS) {
    throw new Error("it has no id");
  }
  if (Object.keys(command).some((field) => !FIELDS.has(field))) throw new Error("it is of another format");
  if (expect !== undefined && !isJsonObject(expect as Json)) throw new Error("its expect is no object");
  const wrong = whyUnsendable(action, payload, expect);
  if (wrong !== undefined) throw new Error(`it cannot be sent: ${wrong.message}`);
  return command as StoredCommand;
}
