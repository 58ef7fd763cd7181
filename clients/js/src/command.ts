import type { Refusal } from "./errors.ts";
import { type Json, type JsonObject, whyNotJson } from "./json.ts";

/** For each path, the version that must stand there (0 = nothing there nor below), else nothing is applied. */
export type Expect = { readonly [path: string]: number };

export interface Command {
  /** unique per person; survives reloads, so that the server can tell a repetition */
  readonly id: string;
  readonly action: string;
  readonly payload: Json;
  readonly expect?: Expect;
}

/** What the server answers to a committed command. */
export interface Answer {
  /** its place in the order of the session */
  readonly seq: number;
  /** what the action returns, undefined for most */
  readonly result: Json | undefined;
  /** it had been committed before: this is the first answer again */
  readonly duplicate: boolean;
}

/** One operation of a `batch`. */
export interface Operation {
  readonly action: string;
  readonly payload: JsonObject;
}

const MAX_COMMAND_BYTES = 256 * 1024;

/**
 * What is wrong with a command that must not even be queued: the wire would bend it (NaN, lone surrogates), or the
 * server would end the connection for its size, again at every try. Everything else is for the server to judge.
 */
export function whyUnsendable(action: unknown, payload: unknown, expect: unknown): Refusal | undefined {
  const wrong = typeof action === "string" ? (whyNotJson(action) ?? whyNotJson(payload)) : "an action is a string";
  if (wrong !== undefined) return { code: "bad_request", message: wrong, retryable: false };
  if (expect !== undefined) {
    const wrongExpect = whyNotJson(expect);
    if (wrongExpect !== undefined) return { code: "bad_request", message: wrongExpect, retryable: false };
  }
  const bytes = new TextEncoder().encode(JSON.stringify({ action, payload, expect })).length;
  if (bytes <= MAX_COMMAND_BYTES) return undefined;
  return { code: "limit_exceeded", message: `a command has ${bytes} bytes, more than 256 KiB`, retryable: false };
}

/** 128 random bits as 32 hex digits. Not `crypto.randomUUID`: that is missing on insecure origins. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
