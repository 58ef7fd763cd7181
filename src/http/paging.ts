import { z } from "zod";
import { BadCursor, type Page } from "../ports/sessions.ts";
import { type Problem, problem } from "./problem.ts";

/** A whole number in a query. */
export const whole = (min: number, max: number) =>
  z
    .string(`must be one whole number from ${min} to ${max}`)
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));

/** How many items a page has at most. */
export const Limit = whole(1, 200).default(50);
export const Cursor = z.string("must be one cursor").min(1).max(1024).exactOptional();
/** The number after which a list of numbered things goes on. */
export const After = whole(0, 999_999_999_999_999).default(0);

/** A page from a store. A cursor that the store never made is the asker's mistake. */
export async function pageOf<T>(page: Promise<Page<T>>): Promise<Page<T> | Problem> {
  try {
    return await page;
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    const errors = [{ path: "/cursor", message: "is none of ours" }];
    return problem("bad_request", "The query is not what is asked for.", { errors });
  }
}

export function pageShape<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}
