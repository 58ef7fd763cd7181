import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { PROBLEMS, type Problem, problem, problemBody } from "./problem.ts";

/** What Node's parser says of bytes that are no request. Anything else is the end of a connection, or of its time. */
const NO_REQUEST = /^HPE_/;

/**
 * Answers what Node's parser refuses as every other "no" is answered: by itself Node writes a bare status line. Requests with
 * an `Expect` that is not known are served as if they had none, for Node's own 417 comes before everything else is checked.
 * @param onRefused told of the status of each answer to bytes that are no request
 */
export function answerMalformed(server: Server, onRefused: (status: number) => void): void {
  const answering = new WeakMap<Socket, Set<ServerResponse>>();
  const answers = (_request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = response;
    if (socket === null) return;
    const open = answering.get(socket) ?? new Set();
    answering.set(socket, open.add(response));
    response.once("close", () => open.delete(response));
  };
  server.prependListener("request", answers);
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const open = [...(answering.get(socket) ?? [])];
    // Into the middle of an answer nothing can be said.
    const canSay = socket.writable && !open.some((response) => response.headersSent);
    if (!canSay || !NO_REQUEST.test(error.code ?? "")) {
      socket.destroy();
      return;
    }
    // A request whose body breaks off so has a line of its own in the log.
    if (open.length === 0) onRefused(PROBLEMS.bad_request[0]);
    socket.end(textOf(refusalOf(error)), () => socket.destroy());
  });
}

function refusalOf({ code }: NodeJS.ErrnoException): Problem {
  return problem(
    "bad_request",
    code === "HPE_HEADER_OVERFLOW" ? "The request's head is too large." : "This is no HTTP request.",
  );
}

function textOf(refusal: Problem): string {
  const body = JSON.stringify(problemBody(refusal));
  return [
    "HTTP/1.1 400 Bad Request",
    "Content-Type: application/problem+json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-store",
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
