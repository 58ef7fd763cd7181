import { z } from "zod";
import { isObject } from "../core/json.ts";

/**
 * A body without the known optional fields that are null in it: such a field counts as absent, so that what was read
 * (`name: null`) can be sent back. What is unknown, or needed, or may be null, stays for the schema to judge.
 */
export function withoutNullFields(schema: z.ZodType, json: unknown): unknown {
  const object = objectIn(schema);
  if (object === undefined || !isObject(json)) return json;
  const kept = Object.entries(json).flatMap(([key, value]) => {
    const field = Object.hasOwn(object.shape, key) ? (object.shape[key] as z.ZodType) : undefined;
    if (field === undefined) return [[key, value] as const];
    const isAbsent = value === null && isOptional(field) && !field.safeParse(null).success;
    return isAbsent ? [] : [[key, withoutNullFields(field, value)] as const];
  });
  return Object.fromEntries(kept);
}

function isOptional(field: z.ZodType): boolean {
  return z.object({ field }).safeParse({}).success;
}

/** The object that a schema describes, through what makes it optional or gives it a default. */
function objectIn(schema: z.ZodType): z.ZodObject | undefined {
  let inner: z.ZodType = schema;
  while ("innerType" in inner.def) inner = inner.def.innerType as z.ZodType;
  return inner instanceof z.ZodObject ? inner : undefined;
}
