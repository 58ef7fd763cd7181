import type { NextFunction, Request, Response } from "express";
import { z } from "zod";
import type { Claims } from "../identity/claims.ts";
import { authenticate, unauthenticated } from "./authenticate.ts";
import { readBody } from "./body.ts";
import type { HttpDeps } from "./deps.ts";
import { decode, type Match, type Place, placesOf } from "./match.ts";
import { invalid, isProblem, notFound, type Problem, problem } from "./problem.ts";
import type { Answer, Asking, Method, Route } from "./route.ts";
import { send } from "./send.ts";

const NO_BODY = z.strictObject({});

/**
 * Serves the routes of a table. Every request is checked in one order (contract section 2): token, method, existence for
 * this person, right, body and query; what is left to the handler is the state.
 */
export function dispatcher(routes: readonly Route[], deps: HttpDeps) {
  const find = placesOf(routes);

  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const match = find(request.path);
    if (match === undefined && !isUnderApi(request.path)) return next();
    response.locals.pattern = match?.place.pattern;
    send(response, await answer(match, request, response));
  };

  async function answer(match: Match | undefined, request: Request, response: Response): Promise<Answer | Problem> {
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = match?.place.routes.get(method as Method);
    const params = match === undefined ? {} : decode(match.rawParams);
    const asking = { deps, params: params ?? {}, request, response };
    let claims: Claims | undefined;
    if (!(route?.open ?? match?.place.open ?? false)) {
      claims = await (route?.identify?.(asking) ?? authenticate(request, deps.identity));
      if (claims === undefined) return unauthenticated();
    }
    if (match === undefined) return notFound();
    if (route === undefined) return notAllowed(match.place);
    if (params === undefined) return problem("bad_request", "The path is not percent-encoded UTF-8.");
    // An open route never looks at `claims`: its type does not have them.
    return await check(route, { ...asking, claims: claims as Claims });
  }
}

async function check(route: Route, asking: Asking<string>): Promise<Answer | Problem> {
  const found = await route.find?.(asking);
  if (isProblem(found)) return found;
  const forbidden = route.may?.(found, asking);
  if (forbidden !== undefined) return forbidden;
  const body = await bodyOf(route, asking);
  if (isProblem(body)) return body;
  const query = route.query?.safeParse(asking.request.query);
  if (query?.success === false) return invalid("query", query.error);
  return await route.handle(asking, { found, body: body.valid, query: query?.data });
}

async function bodyOf(route: Route, { request }: Asking<string>): Promise<{ valid: unknown } | Problem> {
  if (route.method === "GET") return { valid: undefined };
  const body = await readBody(request);
  if (isProblem(body)) return body;
  const parsed = (route.body ?? NO_BODY).safeParse(body.json);
  return parsed.success ? { valid: parsed.data } : invalid("body", parsed.error);
}

function notAllowed({ routes }: Place): Problem {
  const methods = [...routes.keys()].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return problem("method_not_allowed", "That method does not exist here.", { headers: { Allow: methods.join(", ") } });
}

function isUnderApi(path: string): boolean {
  return path === "/api" || path.startsWith("/api/");
}
