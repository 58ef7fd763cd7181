import { isObject, type Json } from "../json.ts";
import { type Refusal, refusal } from "../refusal.ts";

/**
 * Whether a payload is an object with all of some fields, perhaps some others, and nothing else. Looks at own keys only,
 * so that a key `__proto__` is an unknown field and nothing is found on a prototype.
 */
export function hasFields<Required extends string, Optional extends string = never>(
  payload: Json,
  required: readonly Required[],
  optional: readonly Optional[] = [],
): payload is { readonly [key in Required]: Json } & { readonly [key in Optional]?: Json } {
  if (!isObject(payload)) return false;
  const known: ReadonlySet<string> = new Set([...required, ...optional]);
  return required.every((key) => Object.hasOwn(payload, key)) && Object.keys(payload).every((key) => known.has(key));
}

/** The refusal for a payload of another shape. @param shape what it should have been, as the contract writes it */
export function badPayload(shape: string): Refusal {
  return refusal("bad_request", `The payload should be ${shape}.`);
}
