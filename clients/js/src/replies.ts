import type { Answer } from "./command.ts";
import type { Refusal } from "./errors.ts";
import type { Json } from "./json.ts";

/** What the server answers to a command. @throws where it is nothing of the kind */
export function answerIn(reply: unknown): Answer {
  const { seq, result, duplicate } = (reply ?? {}) as { seq?: unknown; result?: Json; duplicate?: unknown };
  if (typeof seq !== "number") throw new Error("an answer without seq");
  return { seq, result, duplicate: duplicate === true };
}

/** A refusal as the server sent it; a reason of another shape is one that nothing is known of. */
export function refusalIn(reason: unknown): Refusal {
  const { code, message, retryable } = (reason ?? {}) as Partial<Refusal>;
  if (typeof code !== "string") return { code: "internal", message: "an unreadable refusal", retryable: false };
  return { ...(reason as Refusal), message: String(message ?? code), retryable: retryable === true };
}
