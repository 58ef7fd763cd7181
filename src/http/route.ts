import type { Request, Response } from "express";
import type { z } from "zod";
import type { Claims } from "../identity/claims.ts";
import type { HttpDeps } from "./deps.ts";
import type { Problem, ProblemCode } from "./problem.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type NamesIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** A request to an open route. `params` are decoded. */
export interface OpenAsking<Names extends string = never> {
  readonly deps: HttpDeps;
  readonly params: { readonly [name in Names]: string };
  readonly request: Request;
  readonly response: Response;
}

/** The id of a session, looked up perhaps. */
export type SessionAsked = string | undefined | Promise<string | undefined>;

/** A request of somebody who has proved who they are. */
export interface Asking<Names extends string = never> extends OpenAsking<Names> {
  readonly claims: Claims;
}

/** What is answered. `json`, `text`, `bytes` or none; `sent` where the handler has written to the response by itself. */
export type Answer =
  | { readonly status: number; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: number; readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: number }
  | { readonly sent: true };

/** What an answer of some status looks like, for the description. */
export interface AnswerShape {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** instead of `application/json` */
  readonly mediaType?: string;
}

/** One method on one path, in the order in which a request is checked. */
interface RouteOf<Path extends string, Ask, Found, Body, Query> {
  readonly method: Method;
  /** `/api/sessions/:sessionId` */
  readonly path: Path;
  /** unique; the name of its handler's file */
  readonly id: string;
  readonly summary: string;
  /** in words, for the description */
  readonly who: string;
  /**
   * Which session the request is about, if about one: the process that hosts it answers, whichever is asked. Undefined:
   * there is none. Every route that acts on a running session, or reads what only its host knows, has it.
   */
  readonly session?: (asking: Pick<OpenAsking<string>, "deps" | "params" | "request">) => SessionAsked;
  /** How long an answer may be held back on purpose, in ms. */
  readonly heldMs?: number;
  /** Looked at before anything is read: 429. Writes under `/api` are limited besides. An open route never looks at `claims`. */
  readonly limit?: (asking: OpenAsking<never>, claims: Claims) => Problem | undefined;
  /** Existence for this person: 404, or 403 `banned`. `json`: the body as it came, of any shape. */
  readonly find?: (asking: Ask, json: unknown) => Promise<Found | Problem> | Found | Problem;
  /** Right: 403. */
  readonly may?: (found: Found, asking: Ask) => Problem | undefined;
  /** What the path names within what was found, once the right is known: 404. */
  readonly findWithin?: (found: Found, asking: Ask) => Promise<Problem | undefined> | Problem | undefined;
  /** Without one, a body is refused unless it is an empty object. A body without bytes counts as one. */
  readonly body?: z.ZodType<Body>;
  /** Fields that it does not name are ignored. */
  readonly query?: z.ZodObject & z.ZodType<Query>;
  readonly answers: { readonly [status: number]: AnswerShape };
  /** codes besides those that follow from the rest: 401, 404 with parameters, 400 with body or query, 503 */
  readonly problems?: readonly ProblemCode[];
  readonly handle: (
    asking: Ask,
    input: { found: Found; body: Body; query: Query },
  ) => Promise<Answer | Problem> | Answer | Problem;
}

/** A route in the table, whatever it is about. */
export interface Route extends RouteOf<string, Asking<string>, unknown, unknown, unknown> {
  readonly open: boolean;
  /** How the asker is known where it is not by the bearer token alone. */
  readonly identify?: (asking: OpenAsking<string>) => Promise<Claims | undefined>;
}

/** A route that needs a valid token. */
export function route<const Path extends string, Found = undefined, Body = unknown, Query = unknown>(
  definition: RouteOf<Path, Asking<NamesIn<Path>>, Found, Body, Query> & Pick<Route, "identify">,
): Route {
  return { ...definition, open: false } as unknown as Route;
}

/** A route that answers without a token. */
export function openRoute<const Path extends string, Found = undefined, Body = unknown, Query = unknown>(
  definition: RouteOf<Path, OpenAsking<NamesIn<Path>>, Found, Body, Query>,
): Route {
  return { ...definition, open: true } as unknown as Route;
}
