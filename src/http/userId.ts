import { isPathSegment } from "../core/paths.ts";
import { type Problem, problem } from "./problem.ts";

/** What is wrong with a user id in a URL, undefined if it can be one. */
export function faultOfUserId(userId: string): Problem | undefined {
  if (isPathSegment(userId)) return undefined;
  const errors = [{ path: "/userId", message: "is no user id" }];
  return problem("bad_request", "The path is not what is asked for.", { errors });
}
