import type { Client } from "@colyseus/core";
import { z } from "zod";
import { usableId } from "../core/command.ts";
import { digestOf } from "../core/digest.ts";
import { canRead, isHidden } from "../core/paths.ts";
import { isRefusal, type Refusal, refusal } from "../core/refusal.ts";
import { TokenBuckets } from "../core/token-buckets.ts";
import type { Reply } from "../live/command-desk.ts";
import { faultOf } from "../ops/log.ts";
import type { Connection } from "./connections.ts";
import { JoinRefused } from "./door.ts";
import { asNumbers, hasRenamedKey } from "./frames.ts";
import type { RoomDeps, SessionRoom } from "./session-room.ts";

/** How the framework lets a handler answer; `id` is undefined for a plain `send`, which has no answer. */
interface Context {
  readonly id: number | undefined;
  reject(reason: unknown): unknown;
  resolve(value: unknown): unknown;
}

type Answer = object | Refusal;

const Activity = z.strictObject({ kind: z.enum(["none", "typing", "rolling", "acting"]) });
const Presence = z.strictObject({ status: z.enum(["online", "idle"]) });
const Latency = z.strictObject({ rttMs: z.number().min(0).max(60_000) });
const Digest = z.union([z.undefined(), z.null(), z.strictObject({})]);
const Authenticate = z.strictObject({ token: z.string().max(16 * 1024) });

/** What the room listens to. */
export const MESSAGE_TYPES: ReadonlySet<string> = new Set([
  "command",
  "activity",
  "presence",
  "latency",
  "digest",
  "authenticate",
]);

/** Contract section 5: messages besides commands, per participant. */
const SMALL_MESSAGES_PER_SECOND = 10;
const SMALL_MESSAGES_BURST = 20;

/** Takes the messages of contract section 5. Whatever a client sends is answered, refused or dropped; nothing throws. */
export function listenTo(room: SessionRoom, { clock, door, log }: RoomDeps): void {
  const rates = new TokenBuckets(SMALL_MESSAGES_PER_SECOND, SMALL_MESSAGES_BURST);
  // Apart, so that a busy client can always renew its token.
  const renewalRates = new TokenBuckets(SMALL_MESSAGES_PER_SECOND, SMALL_MESSAGES_BURST);

  const settle = (answer: Answer, context: Context): unknown =>
    isRefusal(answer) ? context.reject(answer) : context.resolve(answer);

  const internal = (error: unknown, type: string): Refusal => {
    log.error({ session: room.session.sessionId, type, ...faultOf(error) }, "message failed");
    return refusal("internal", "Something went wrong here.");
  };

  room.onMessage("command", (client: Client, payload: unknown, context: Context) => {
    const connection = room.connections.get(client);
    if (connection === undefined) return undefined;
    const message = asNumbers(payload);
    let reply: Reply | Promise<Reply>;
    try {
      room.session.presence.acted(connection.userId, connection.id);
      reply = hasRenamedKey(message)
        ? refusal("bad_request", "A key __proto__ cannot be sent: name it in a path.")
        : room.session.desk.submit(connection.userId, message);
    } catch (error) {
      reply = internal(error, "command");
    }
    if (context.id !== undefined) {
      return reply instanceof Promise ? reply.then((late) => settle(late, context)) : settle(reply, context);
    }
    const id = usableId(message);
    if (id === undefined) return undefined;
    const tell = (answer: Reply): void =>
      client.send("reply", isRefusal(answer) ? { id, ok: false, error: answer } : { id, ok: true, ...answer });
    return reply instanceof Promise ? reply.then(tell) : tell(reply);
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
    room.onMessage(type, (client: Client, message: unknown, context: Context) => {
      const connection = room.connections.get(client);
      if (connection === undefined) return undefined;
      let answer: Answer | Promise<Answer>;
      try {
        const parsed = shape.safeParse(asNumbers(message));
        answer = parsed.success
          ? (overRate(buckets, connection.userId) ?? handle(connection, parsed.data))
          : refusal("bad_request", `That is no ${type} message.`);
      } catch (error) {
        answer = internal(error, type);
      }
      if (!(answer instanceof Promise)) return settle(answer, context);
      return answer.then(
        (late) => settle(late, context),
        (error: unknown) => settle(internal(error, type), context),
      );
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
    room.latencyMeasured(connection, rttMs, "client");
    return {};
  });

  onSmall("digest", Digest, ({ userId }) => {
    const { committed } = room.session;
    const place = committed.places.get(userId);
    if (place === undefined) return refusal("forbidden", "You have no place in this session any more.");
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
        connection.expiresAt = claims.expiresAt;
        room.watchExpiry(connection);
        return { expiresAt: new Date(claims.expiresAt).toISOString() };
      } catch (error) {
        if (!(error instanceof JoinRefused)) throw error;
        return refusal("unauthenticated", "That token is not good for this connection.");
      }
    },
    renewalRates,
  );
}
