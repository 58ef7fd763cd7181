import type { Response } from "express";
import { isProblem, PROBLEMS, type Problem, problemBody } from "./problem.ts";
import type { Answer } from "./route.ts";

/** Writes an answer or a problem. */
export function send(response: Response, answer: Answer | Problem): void {
  if (isProblem(answer)) {
    response.status(PROBLEMS[answer.problem][0]).set(answer.headers ?? {});
    response.type("application/problem+json").send(JSON.stringify(problemBody(answer)));
    return;
  }
  if ("sent" in answer) return;
  response.status(answer.status);
  if ("headers" in answer) response.set(answer.headers ?? {});
  if ("json" in answer) response.json(answer.json);
  else if ("text" in answer) response.send(answer.text);
  else if ("bytes" in answer) response.send(answer.bytes);
  else response.end();
}
