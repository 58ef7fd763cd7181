import { z } from "zod";
import { digestOf } from "../core/digest.ts";
import { canRead, isHidden } from "../core/paths.ts";
import { type Refusal, refusal } from "../core/refusal.ts";
import { TokenBuckets } from "../core/token-buckets.ts";
import { overBudget } from "../live/command-desk.ts";
import { faultOf } from "../ops/log.ts";
import type { Connection } from "./connections.ts";
import { JoinRefused } from "./door.ts";
import type { Answer, Handler } from "./intake.ts";
import type { RoomDeps, SessionRoom } from "./session-room.ts";

const Activity = z.strictObject({ kind: z.enum(["none", "typing", "rolling", "acting"]) });
const Presence = z.strictObject({ status: z.enum(["online", "idle"]) });
const Latency = z.strictObject({ rttMs: z.number().min(0).max(60_000) });
const Digest = z.union([z.undefined(), z.null(), z.strictObject({})]);
const Authenticate = z.strictObject({ token: z.string().max(16 * 1024) });

/** Contract section 5: messages besides commands, per participant. */
const SMALL_MESSAGES_PER_SECOND = 10;
const SMALL_MESSAGES_BURST = 20;

/** What takes the messages of contract section 5. Whatever a client sends is answered, refused or dropped; nothing throws. */
export function messageHandlers(room: SessionRoom, { clock, door, log }: RoomDeps): ReadonlyMap<string, Handler> {
  const handlers = new Map<string, Handler>();
  const rates = new TokenBuckets(SMALL_MESSAGES_PER_SECOND, SMALL_MESSAGES_BURST);
  // Apart, so that a busy client can always renew its token.
  const renewalRates = new TokenBuckets(SMALL_MESSAGES_PER_SECOND, SMALL_MESSAGES_BURST);

  const internal = (error: unknown, type: string): Refusal => {
    log.error({ session: room.session.sessionId, type, ...faultOf(error) }, "message failed");
    return refusal("internal", "Something went wrong here.");
  };

  handlers.set("command", ({ userId, id }, { value, isTooLong }) => {
    try {
      room.session.presence.acted(userId, id);
      return room.session.desk.submit(userId, value, isTooLong);
    } catch (error) {
      return internal(error, "command");
    }
  });

  const overRate = (buckets: TokenBuckets, userId: string): Refusal | undefined => {
    const retryAfterMs = buckets.take(userId, clock.steady());
    return retryAfterMs === true ? undefined : refusal("rate_limited", "Too many messages.", { retryAfterMs });
  };

  /** A message with a checked shape and the small messages' rate. */
  const onSmall = <Payload>(
    type: string,
    shape: z.ZodType<Payload>,
    handle: (connection: Connection, payload: Payload) => Answer | Promise<Answer>,
    buckets = rates,
  ): void => {
    handlers.set(type, (connection, { value }) => {
      try {
        const parsed = shape.safeParse(value);
        const answer = parsed.success
          ? (overRate(buckets, connection.userId) ?? withoutPlace(room, connection) ?? handle(connection, parsed.data))
          : refusal("bad_request", `That is no ${type} message.`);
        return answer instanceof Promise ? answer.catch((error: unknown) => internal(error, type)) : answer;
      } catch (error) {
        return internal(error, type);
      }
    });
  };

  onSmall("activity", Activity, ({ userId, id }, { kind }) => {
    room.session.presence.activity(userId, id, kind);
    return {};
  });

  onSmall("presence", Presence, ({ userId, id }, { status }) => {
    room.session.presence.declared(userId, id, status);
    return {};
  });

  onSmall("latency", Latency, (connection, { rttMs }) => {
    room.display.latencyMeasured(connection, rttMs, "client");
    return {};
  });

  onSmall("digest", Digest, ({ userId }) => {
    const { committed, work } = room.session;
    const retryAfterMs = work.spend(userId, committed.entries.size, clock.steady());
    if (retryAfterMs > 0) return overBudget(retryAfterMs);
    const place = committed.places.get(userId)!;
    const pairs = [...committed.entries];
    return {
      seq: committed.seq,
      entries: digestOf(pairs.filter(([path]) => !isHidden(path))),
      hidden: digestOf(pairs.filter(([path]) => isHidden(path) && canRead(path, place))),
    };
  });

  onSmall(
    "authenticate",
    Authenticate,
    async (connection, { token }) => {
      try {
        const claims = await door.identify(token);
        const { userId, guestOf } = claims;
        const isGoodHere = guestOf === undefined || guestOf === room.session.sessionId;
        if (userId !== connection.userId || !isGoodHere) throw new JoinRefused("unauthenticated");
        const gone = withoutPlace(room, connection);
        if (gone !== undefined) return gone;
        room.renewed(connection, claims);
        return { expiresAt: new Date(claims.expiresAt).toISOString() };
      } catch (error) {
        if (!(error instanceof JoinRefused)) throw error;
        return refusal("unauthenticated", "That token is not good for this connection.");
      }
    },
    renewalRates,
  );
  return handlers;
}

/** Whoever lost their place while a message of theirs was on its way has no say any more. */
function withoutPlace({ session, connections }: SessionRoom, connection: Connection): Refusal | undefined {
  const { places, status } = session.committed;
  if (places.has(connection.userId) && connections.get(connection.client) === connection) return undefined;
  if (status === "ended") return refusal("session_ended", "The session has ended.");
  return refusal("forbidden", "You have no place in this session any more.");
}
