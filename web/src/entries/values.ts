import type { Json } from "../../../clients/js/src/index.ts";

/** What was typed, as a value: JSON where it is that, else the text itself. */
export function valueTyped(typed: string): Json {
  const text = typed.trim();
  try {
    return text === "" ? typed : (JSON.parse(text) as Json);
  } catch {
    return typed;
  }
}

/** JSON that was typed. `wrong` says in words why it is none. */
export function parseJson(typed: string): { readonly value: Json } | { readonly wrong: string } {
  try {
    return { value: JSON.parse(typed) as Json };
  } catch (error) {
    return { wrong: `This is no JSON: ${error instanceof Error ? error.message : error}` };
  }
}

export type Kind = "number" | "text" | "list" | "flag" | "json";

export function kindOf(value: Json | undefined): Kind {
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "flag";
  return Array.isArray(value) ? "list" : "json";
}

const SHOWN_CHARACTERS = 240;

/**
 * An entry's value for a row: a text without its quotes, unless it would then look like another value; everything else
 * as JSON.
 * @param json the entry's JSON text
 */
export function shownValue(json: string): string {
  const value = JSON.parse(json) as Json;
  const text = typeof value === "string" && valueTyped(value) === value ? value : json;
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
