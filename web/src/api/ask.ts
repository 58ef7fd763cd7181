import { at } from "../facts.ts";
import { expire, token } from "../identity/signed-in.ts";

/** The server's "no" (contract, section 2), or `no_answer`. `message` is for people. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface AskOptions {
  /** `null`: asks as nobody */
  readonly as?: string | null;
  readonly signal?: AbortSignal;
}

/** Asks the server, JSON in and out. @throws Refused */
export async function ask<T = undefined>(
  method: Method,
  path: string,
  body?: object,
  options: AskOptions = {},
): Promise<T> {
  const bearer = options.as === undefined ? token.value : (options.as ?? undefined);
  let response: Response;
  try {
    response = await fetch(at(path), {
      method,
      cache: "no-store",
      credentials: "same-origin",
      headers: {
        ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch {
    throw new Refused(0, "no_answer", "The server does not answer. Try again in a moment.");
  }
  if (response.ok) return (await jsonIn(response)) as T;
  const problem = ((await jsonIn(response)) ?? {}) as {
    code?: string;
    detail?: string;
    errors?: { message: string }[];
  };
  if (response.status === 401 && bearer !== undefined && bearer === token.value) expire();
  const fields = problem.errors?.map(({ message }) => message).join("; ");
  throw new Refused(response.status, problem.code ?? "internal", wordsFor(response.status, fields ?? problem.detail));
}

async function jsonIn(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function wordsFor(status: number, detail: string | undefined): string {
  if (status === 429) return "That was too much at once. Wait a few seconds and try again.";
  if (status === 503) return "The server cannot do that right now. Try again in a moment.";
  return detail ?? `The server said no (${status}).`;
}

/** One path segment. */
export const seg = encodeURIComponent;

/** What went wrong, for people. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
