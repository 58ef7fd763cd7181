/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Why a value is nothing that JSON can say, or undefined if it is. Cycles count as too deep. */
export function whyNotJson(value: unknown, depthLeft = 64): string | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? undefined : "a string holds a lone surrogate";
    case "number":
      return Number.isFinite(value) ? undefined : `${value} is no JSON number`;
    case "boolean":
      return undefined;
    case "object":
      break;
    default:
      return `${typeof value} is nothing that JSON can say`;
  }
  if (value === null) return undefined;
  if (depthLeft === 0) return "nested too deep";
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const why = whyNotJson(value[at], depthLeft - 1);
      if (why !== undefined) return why;
    }
    return undefined;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return "an object that is not a plain one";
  for (const [key, inner] of Object.entries(value)) {
    const why = whyNotJson(key) ?? whyNotJson(inner, depthLeft - 1);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Sets an own property, also one called `__proto__`. */
export function setOwn(object: Record<string, Json>, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}
