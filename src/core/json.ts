/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Whether a decoded value is something JSON can say: finite numbers, well-formed strings, arrays and plain objects.
 * MessagePack also carries NaN, dates, bytes, bigints, undefined and cycles' worth of nesting; all of those are `false`.
 * @param maxDepth deeper nesting is refused, so that no later recursion can overflow the stack
 */
export function isJson(value: unknown, maxDepth = 64): value is Json {
  switch (typeof value) {
    case "string":
      return value.isWellFormed();
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return true;
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (maxDepth === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isJson(item, maxDepth - 1)) return false;
    return true;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key of Object.keys(value)) {
    if (!key.isWellFormed() || !isJson((value as Record<string, unknown>)[key], maxDepth - 1)) return false;
  }
  return true;
}
