/** The codes of contract section 5: why a command or a message is refused. */
export type RefusalCode =
  | "bad_request"
  | "unknown_action"
  | "invalid_path"
  | "path_conflict"
  | "forbidden"
  | "conflict"
  | "not_found"
  | "not_a_number"
  | "not_an_array"
  | "limit_exceeded"
  | "session_not_live"
  | "session_paused"
  | "session_ended"
  | "rate_limited"
  | "journal_unavailable"
  | "unauthenticated"
  | "internal";

/** An `expect` that does not hold, as the entry stands: `version` 0 and `value` null where there is none. */
export interface Conflict {
  readonly path: string;
  readonly version: number;
  /** JSON text */
  readonly value: string | null;
}

/** An expected "no", as a value. What the client is told, word for word. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  /** whether the same request, sent again unchanged, may succeed */
  readonly retryable: boolean;
  readonly conflicts?: readonly Conflict[];
  /** in a batch: the index of the operation that was refused */
  readonly op?: number;
  readonly retryAfterMs?: number;
}

const RETRYABLE: ReadonlySet<RefusalCode> = new Set(["rate_limited", "journal_unavailable"]);

export function refusal(
  code: RefusalCode,
  message: string,
  more: Pick<Refusal, "conflicts" | "op" | "retryAfterMs"> = {},
): Refusal {
  return { code, message, retryable: RETRYABLE.has(code), ...more };
}

/** A value that is either what was asked for or a refusal. Told apart by `isRefusal`. */
export type OrRefusal<T> = T | Refusal;

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "code" in value && "retryable" in value;
}
