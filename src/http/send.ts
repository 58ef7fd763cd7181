import type { Response } from "express";
import { isProblem, PROBLEMS, type Problem, problemBody, unavailable } from "./problem.ts";
import type { Answer } from "./route.ts";
import type { UnsentAnswers } from "./unsent-answers.ts";

/** Writes a problem. */
export function sendProblem(response: Response, no: Problem): void {
  response.status(PROBLEMS[no.problem][0]).set(no.headers ?? {});
  response.type("application/problem+json").send(JSON.stringify(problemBody(no)));
}

/**
 * Writes an answer or a problem. An answer for which there is no room among those that are not taken yet is 503, before it
 * is encoded.
 * @param userId who asked, where that is known
 */
export function send(
  response: Response,
  answer: Answer | Problem,
  unsent: UnsentAnswers,
  userId: string | undefined,
): void {
  if (isProblem(answer)) {
    sendProblem(response, answer);
    return;
  }
  if ("sent" in answer) return;
  const { body, type } = bodyOf(answer);
  if (body !== undefined && !unsent.hasRoomFor(userId)) {
    sendProblem(response, unavailable());
    return;
  }
  response.status(answer.status);
  if ("headers" in answer) response.set(answer.headers ?? {});
  if (body === undefined) {
    response.end();
    return;
  }
  const encoded = body();
  if (response.req.method !== "HEAD") {
    const [what, bytes] = typeof encoded === "string" ? [{}, Buffer.byteLength(encoded)] : [encoded, encoded.length];
    const taken = unsent.hold(what, bytes, userId);
    response.once("finish", taken).once("close", taken);
  }
  if (type !== undefined) response.type(type);
  response.send(encoded);
}

function bodyOf(answer: Exclude<Answer, { sent: true }>): { body?: () => string | Buffer; type?: string } {
  if ("json" in answer) return { body: () => JSON.stringify(answer.json), type: "json" };
  if ("text" in answer) return { body: () => answer.text };
  return "bytes" in answer ? { body: () => answer.bytes } : {};
}
