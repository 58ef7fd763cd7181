import { createServer, type RequestListener, type Server } from "node:http";
import type { Clock } from "../ports/clock.ts";
import { answerMalformed } from "./malformed.ts";

/** How often Node looks for connections that are over their time: what it cuts, it cuts up to this much later. */
const LOOK_EVERY_MS = 2_000;
/** A connection without a whole head is closed within this, silent ones included (contract section 2). */
export const HEAD_WITHIN_MS = 15_000;
/** A whole request, its body included, comes within this. */
export const REQUEST_WITHIN_MS = 60_000;
/** An answer that is not taken within this is cut. */
export const ANSWER_TAKEN_WITHIN_MS = 60_000;

/**
 * A server whose connections end in the times that the contract says: the look at them, and a second for a busy loop, are
 * counted in. A stream is taken for an answer from its end on. Of upgrades it knows those to WebSockets alone.
 * @param keepAliveSeconds how long a connection may be idle between two requests
 * @param onMalformed told of the status of each answer to bytes that are no request
 */
export function createHttpServer(
  handler: RequestListener,
  clock: Pick<Clock, "after">,
  keepAliveSeconds: number,
  onMalformed: (status: number) => void = () => {},
): Server {
  const server = createServer({
    headersTimeout: HEAD_WITHIN_MS - LOOK_EVERY_MS - 1_000,
    requestTimeout: REQUEST_WITHIN_MS - LOOK_EVERY_MS - 1_000,
    connectionsCheckingInterval: LOOK_EVERY_MS,
    keepAliveTimeout: keepAliveSeconds * 1_000,
    // A request without one is answered, and logged, like one with a bad one.
    requireHostHeader: false,
    // What else a client offers to talk (Java's says h2c to everybody) it does without: its request is answered.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.trim().toLowerCase() === "websocket",
  });
  server.on("request", (_request, response) => {
    response.once("prefinish", () => {
      const cancel = clock.after(ANSWER_TAKEN_WITHIN_MS, () => response.destroy());
      response.once("close", cancel);
    });
  });
  answerMalformed(server, onMalformed);
  return server.on("request", handler);
}
