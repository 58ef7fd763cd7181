import type { Json } from "../json.ts";
import { MAX_BATCH_OPS } from "../limits.ts";
import { type OrRefusal, refusal } from "../refusal.ts";
import { badPayload, hasFields } from "./payload.ts";

/** The one name that is no action of its own: several actions as one command, all or nothing. */
export const BATCH = "batch";

/** One operation of a batch. */
export interface Op {
  readonly action: string;
  readonly payload: Json;
}

/**
 * Reads a batch's payload: `{ops: [{action, payload}]}`.
 * @returns the operations; `bad_request` for another shape or a batch inside, `limit_exceeded` for over 256 operations
 */
export function readBatch(payload: Json): OrRefusal<readonly Op[]> {
  if (!hasFields(payload, ["ops"]) || !Array.isArray(payload.ops)) return badPayload("{ops: [{action, payload}]}");
  const ops: readonly Json[] = payload.ops;
  if (ops.length > MAX_BATCH_OPS) return refusal("limit_exceeded", `A batch has at most ${MAX_BATCH_OPS} operations.`);
  const read: Op[] = [];
  for (const [op, item] of ops.entries()) {
    if (!hasFields(item, ["action", "payload"]) || typeof item.action !== "string") {
      return refusal("bad_request", "An operation should be {action: text, payload}.", { op });
    }
    if (item.action === BATCH) return refusal("bad_request", "A batch cannot hold a batch.", { op });
    read.push({ action: item.action, payload: item.payload });
  }
  return read;
}
