import { ANSWER_WITHIN_MS, QUERY_WITHIN_MS, writing } from "./answer.ts";
import type { Models } from "./models.ts";

/** The write concern of bare commands; models have it by their schema. */
export const DURABLE = { w: "majority", j: true, wtimeout: QUERY_WITHIN_MS } as const;

/** Makes durable what was read: every durable write takes along what was written before it. @throws as `writing` */
export async function barrier({ facts }: Pick<Models, "facts">, ms = ANSWER_WITHIN_MS): Promise<void> {
  await writing(facts.updateOne({ _id: "barrier" }, { $inc: { value: 1 } }, { upsert: true }).exec(), ms);
}
