import { isUtf8 } from "node:buffer";
import express, { type Request, type Response } from "express";
import { isProblem, type Problem, problem } from "./problem.ts";

export const MAX_BODY_BYTES = 64 * 1024;

const parse = express.json({
  limit: MAX_BODY_BYTES,
  strict: false,
  type: () => true,
  verify: (_request, _response, bytes) => {
    if (!isUtf8(bytes)) throw new Error("not UTF-8");
  },
});

/** Reads a request's JSON body; one that is absent or empty counts as an empty object. */
export async function readBody(request: Request, response: Response): Promise<{ json: unknown } | Problem> {
  if (!hasBody(request)) return { json: {} };
  if (!/^application\/json *(;|$)/i.test(request.headers["content-type"] ?? "")) {
    return problem("unsupported_media_type", "Send the body as application/json.");
  }
  const failed = await new Promise<Problem | undefined>((resolve) => {
    parse(request, response, (error?: unknown) => resolve(error === undefined ? undefined : refused(error)));
  });
  if (isProblem(failed)) return failed;
  return { json: request.body === undefined ? {} : request.body };
}

function hasBody({ headers }: Request): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** The parser's errors quote the body: nothing of them is passed on. */
function refused(error: unknown): Problem {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : 400;
  if (status === 413) return problem("payload_too_large", `A body has at most ${MAX_BODY_BYTES} bytes.`);
  if (status === 415) return problem("unsupported_media_type", "Send the body as JSON in UTF-8.");
  return problem("bad_request", "The body is not JSON.");
}
