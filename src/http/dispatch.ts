import type { NextFunction, Request, Response } from "express";
import { z } from "zod";
import type { Claims } from "../identity/claims.ts";
import { authenticate, hasEnded, unauthenticated } from "./authenticate.ts";
import { jsonIn, readBytes } from "./body.ts";
import { byHost } from "./by-host.ts";
import type { HttpDeps } from "./deps.ts";
import { decode, type Match, type Place, placesOf } from "./match.ts";
import { withoutNullFields } from "./null-fields.ts";
import { invalid, isProblem, notFound, type Problem, problem } from "./problem.ts";
import { limitOfWrites } from "./rateLimit.ts";
import type { Answer, Asking, Method, Route } from "./route.ts";
import { send } from "./send.ts";

const WRITES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const NO_BODY = z.strictObject({});

/**
 * Serves the routes of a table. Every request is checked in one order (contract section 2): token, method, rate, existence for
 * this person, right, body and query; what is left to the handler is the state. The body is read before anything is looked
 * up, so that who holds it back has the rights of the moment at which it is whole.
 */
export function dispatcher(routes: readonly Route[], deps: HttpDeps) {
  const find = placesOf(routes);

  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const match = find(request.path);
    if (match === undefined && !isUnderApi(request.path)) return next();
    response.locals.pattern = match?.place.pattern;
    const given = await answer(match, request, response);
    send(response, given, deps.unsent, response.locals.userId);
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
      response.locals.userId = claims.userId;
    }
    const limited = claims !== undefined && isWrite(request) ? limitOfWrites(claims.userId, deps) : undefined;
    if (match !== undefined && route === undefined) return notAllowed(match.place);
    const refused = limited ?? route?.limit?.(asking, claims as Claims);
    if (refused !== undefined) return refused;
    if (match === undefined || route === undefined) return notFound();
    if (params === undefined) return problem("bad_request", "The path is not percent-encoded UTF-8.");
    const bytes = route.method === "GET" ? undefined : await readBytes(request);
    if (isProblem(bytes)) return bytes;
    const here = async (): Promise<Answer | Problem> => {
      const body = bytes === undefined ? {} : await jsonIn(bytes, request);
      if (isProblem(body)) return body;
      if (claims !== undefined && hasEnded(claims, deps)) return unauthenticated();
      // An open route never looks at `claims`: its type does not have them.
      return await check(route, { ...asking, claims: claims as Claims }, body);
    };
    if (deps.forwarding === undefined || route.session === undefined) return await here();
    return await byHost(deps.forwarding, { route, match, bytes, asking }, here);
  }
}

async function check(route: Route, asking: Asking<string>, read: { json?: unknown }): Promise<Answer | Problem> {
  const found = await route.find?.(asking, read.json);
  if (isProblem(found)) return found;
  const forbidden = route.may?.(found, asking);
  if (forbidden !== undefined) return forbidden;
  const missing = await route.findWithin?.(found, asking);
  if (missing !== undefined) return missing;
  const shape = route.body ?? NO_BODY;
  const body = "json" in read ? shape.safeParse(withoutNullFields(shape, read.json)) : undefined;
  if (body?.success === false) return invalid("body", body.error);
  const query = route.query?.safeParse(asking.request.query);
  if (query?.success === false) return invalid("query", query.error);
  return await route.handle(asking, { found, body: body?.data, query: query?.data });
}

function notAllowed({ routes }: Place): Problem {
  const methods = [...routes.keys()].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return problem("method_not_allowed", "That method does not exist here.", { headers: { Allow: methods.join(", ") } });
}

/** Whether it counts for the rate of writes; what is refused counts as well. */
function isWrite({ method, path }: Request): boolean {
  return WRITES.has(method) && isUnderApi(path);
}

function isUnderApi(path: string): boolean {
  return path === "/api" || path.startsWith("/api/");
}
