import type { z } from "zod";

/** The codes of contract section 2, with the status and the title of each. */
export const PROBLEMS = {
  bad_request: [400, "The request is not what is asked for"],
  unauthenticated: [401, "A valid token is needed"],
  forbidden: [403, "Not yours to do"],
  banned: [403, "Banned from this session"],
  approval_needed: [403, "A GM has to admit you first"],
  not_found: [404, "No such thing"],
  method_not_allowed: [405, "That method does not exist here"],
  limit_reached: [409, "There may be no more of these"],
  last_gm: [409, "A campaign needs a GM"],
  invalid_transition: [409, "The session's status does not allow this step"],
  session_ended: [409, "The session has ended"],
  payload_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "Bodies are JSON"],
  rate_limited: [429, "Too many requests"],
  internal: [500, "Our fault"],
  unavailable: [503, "Not available now"],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one field; `path` is a JSON Pointer. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** An expected "no", as a value; answered as `application/problem+json` (RFC 9457). */
export interface Problem {
  readonly problem: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

export function problem(code: ProblemCode, detail: string, more: Pick<Problem, "errors" | "headers"> = {}): Problem {
  return { problem: code, detail, ...more };
}

export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "problem" in value;
}

export const notFound = (): Problem => problem("not_found", "There is no such thing, or it is not for you to know.");

export const unavailable = (): Problem =>
  problem("unavailable", "This cannot be answered or recorded now. Try again.", { headers: { "Retry-After": "1" } });

/** 429. @param waitMs until it is allowed again @param what in words */
export function tooMany(waitMs: number, what: string): Problem {
  const seconds = Math.ceil(waitMs / 1000);
  return problem("rate_limited", `${what}. Try again in ${seconds} s.`, {
    headers: { "Retry-After": String(seconds) },
  });
}

/** The body of a problem's answer. */
export function problemBody({ problem: code, detail, errors }: Problem): Record<string, unknown> {
  const [status, title] = PROBLEMS[code];
  return { type: `/docs#${code}`, title, status, detail, code, ...(errors === undefined ? {} : { errors }) };
}

/** A validation failure, field by field; unknown fields are named one by one. */
export function invalid(where: "body" | "query" | "path", { issues }: z.ZodError): Problem {
  const errors = issues.flatMap((issue): FieldError[] => {
    if (issue.code !== "unrecognized_keys") return [{ path: pointer(issue.path), message: issue.message }];
    return issue.keys.map((key) => ({ path: pointer([...issue.path, key]), message: "is not a field of this" }));
  });
  return problem("bad_request", `The ${where} is not what is asked for.`, { errors });
}

/** A JSON Pointer (RFC 6901); the empty one is the whole. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((segment) => `/${String(segment).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** @param what there may be no more of */
export const limitReached = (what: string): Problem => problem("limit_reached", `There may be no more ${what}.`);

export const sessionEnded = (): Problem => problem("session_ended", "The session has ended.");

export const approvalNeeded = (): Problem =>
  problem("approval_needed", "A GM has to admit you to this session first: knock.");
