import type { IncomingMessage } from "node:http";
import { createAuthContext, matchMaker } from "@colyseus/core";
import express, { type NextFunction, type Request, type Response, Router } from "express";
import { faultOf, type Logger } from "../ops/log.ts";
import type { Answering, Forwarding } from "../ports/elsewhere.ts";
import { type Door, JOIN_CODES, type JoinReason, JoinRefused } from "./door.ts";
import { tryFailed } from "./join-tries.ts";
import type { RoomMeter } from "./meter.ts";
import { ROOM_NAME } from "./opener.ts";
import type { Reconnections } from "./reconnections.ts";

export interface MatchmakingDeps {
  readonly door: Door;
  readonly reconnections: Reconnections;
  readonly log: Logger;
  /** for whom a rate by address counts a request */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly meter?: RoomMeter;
  /** where several processes serve the same campaigns: asks the host of a session */
  readonly forwarding?: Forwarding;
}

/** parameters of the route */
type Asked = { readonly method: string; readonly name: string };

const MAX_BODY = "16kb";
const LONGEST_ID = 64;
/** What the framework throws of itself when a room went away under a join: try again. */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set([520, 521, 522, 523, 525]);

/**
 * Colyseus' matchmaking over HTTP, as far as it is open: `joinOrCreate` and `reconnect` of the one room. The framework's
 * own route has no limit on bodies, answers without JSON while draining, and lets a reconnection token alone take over
 * its owner's seat.
 */
export function matchmaking({ door, reconnections, log, addressOf, meter, forwarding }: MatchmakingDeps): Router {
  const router = Router();
  const parse = express.json({ limit: MAX_BODY, strict: false, type: () => true });
  router.post("/matchmake/:method/:name", refusing(mayAsk), parse, refusing(answerByHost));
  router.use("/matchmake", (_request, response) => refuse(response, JOIN_CODES.forbidden, "forbidden"));
  router.use("/matchmake", (error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const tooLarge = (error as { type?: unknown } | null)?.type === "entity.too.large";
    if (tooLarge) refuse(response, 413, "payload_too_large");
    else refuse(response, JOIN_CODES.bad_request, "bad_request");
  });
  return router;

  function refusing(take: (request: Request<Asked>, response: Response) => Promise<object | "next" | "answered">) {
    return async (request: Request<Asked>, response: Response, next: NextFunction): Promise<void> => {
      try {
        const answered = await take(request, response);
        if (answered === "next") next();
        else if (answered !== "answered") response.json(answered);
      } catch (error) {
        const refused = error instanceof JoinRefused ? error : refusalOf(error, log);
        meter?.joinRefused(refused.reason);
        log.debug({ reason: refused.reason }, "join refused");
        refuse(response, refused.code, refused.reason);
      }
    };
  }

  /** Nothing of a body is read, nor said of one, for somebody without a token. The join itself asks for it once more. */
  async function mayAsk({ params: { method, name }, headers }: Request<Asked>): Promise<"next"> {
    if (!isJoin(method, name) && method !== "reconnect") throw new JoinRefused("forbidden");
    await door.identify(createAuthContext({ headers: { authorization: headers.authorization } }).token);
    return "next";
  }

  /** The process that hosts the session lets them in, whichever is asked. */
  async function answerByHost(request: Request<Asked>, response: Response): Promise<object | "answered"> {
    const sessionId = sessionAsked(request);
    if (forwarding === undefined || sessionId === undefined) return await answer(request);
    const { method, name } = request.params;
    const path = `/matchmake/${method}/${encodeURIComponent(name)}`;
    const asked = { sessionId, path, body: Buffer.from(JSON.stringify(request.body ?? {})) };
    const byHost = async (): Promise<Answering> =>
      await forwarding.answer(asked, request, response).catch(() => "unavailable");
    let answering = await byHost();
    if (answering === "here") {
      try {
        return await answer(request);
      } catch (error) {
        // Another process may have been about to open it, and was first.
        if (!isUnavailable(error)) throw error;
        answering = await byHost();
        if (answering === "here") throw error;
      }
    }
    if (answering === "answered") return answering;
    throw new JoinRefused("unavailable");
  }

  async function answer(request: Request<Asked>): Promise<object> {
    const { method, name } = request.params;
    const context = createAuthContext({
      headers: { authorization: request.headers.authorization, "x-real-ip": addressOf(request) },
    });
    if (isJoin(method, name)) {
      try {
        return await matchMaker.controller.invokeMethod("joinOrCreate", ROOM_NAME, request.body ?? {}, context);
      } catch (error) {
        tryFailed(context);
        throw error;
      }
    }
    return await reconnect(name, request.body, context.token, addressOf(request));
  }

  async function reconnect(
    sessionId: string,
    body: unknown,
    bearer: string | undefined,
    address: string,
  ): Promise<object> {
    await door.identify(bearer);
    const token = (body as { reconnectionToken?: unknown } | null | undefined)?.reconnectionToken;
    if (typeof token !== "string" || token === "") throw new JoinRefused("bad_request");
    try {
      const { room, seatId } = await reconnections.prepare({ sessionId, token, seatId: undefined, bearer, address });
      return matchMaker.buildSeatReservation(room.listing, seatId);
    } catch (error) {
      // Whether the session exists is nobody's business who may not know it: to them every token is void.
      if (error instanceof JoinRefused && error.reason === "not_found") throw new JoinRefused("expired");
      throw error;
    }
  }
}

/** Undefined where none is named: that is refused here as anywhere. */
function sessionAsked({ params: { method, name }, body }: Request<Asked>): string | undefined {
  const named: unknown = isJoin(method, name) ? (body as { sessionId?: unknown } | null | undefined)?.sessionId : name;
  return typeof named === "string" && named !== "" && named.length <= LONGEST_ID ? named : undefined;
}

function isJoin(method: string, name: string): boolean {
  return method === "joinOrCreate" && name === ROOM_NAME;
}

function isUnavailable(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === JOIN_CODES.unavailable || UNAVAILABLE_CODES.has(code);
}

/** The framework rethrows what `onAuth` threw as an error of its own, with our code and reason in it. */
function refusalOf(error: unknown, log: Logger): { code: number; reason: JoinReason } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === "number" && JOIN_CODES[message as JoinReason] === code)
    return { code, reason: message as JoinReason };
  if (!UNAVAILABLE_CODES.has(code)) log.error(faultOf(error), "join failed");
  return { code: JOIN_CODES.unavailable, reason: "unavailable" };
}

function refuse(response: Response, code: number, error: string): void {
  response.status(code).json({ code, error });
}
