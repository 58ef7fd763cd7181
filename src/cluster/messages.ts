import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Actor } from "../core/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { Processes } from "./processes.ts";
import type { RedisLink } from "./redis-link.ts";

/** Whoever has not said within this that it took a message is told by HTTP. */
const TAKEN_WITHIN_MS = 300;
/** Between two tries to tell somebody who is there and did not take it; then that many more. */
const TELL_AGAIN_MS = 1_000;
const MORE_TRIES = 30;
/** Messages that are remembered, so that one that comes by both ways is taken once. */
const REMEMBERED = 2_000;

const WholeActor = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.enum(["gm", "player", "spectator"]),
  via: z.string(),
});
const Message = z.object({
  id: z.string(),
  from: z.string(),
  /** somebody's membership of a campaign changed; the store says to what */
  memberChanged: z.object({ campaignId: z.string(), userId: z.string(), by: WholeActor }),
});
const Taken = z.object({ id: z.string(), by: z.string() });
const Signed = z.object({ text: z.string(), proof: z.string() });

export interface MemberChanged {
  readonly campaignId: string;
  readonly userId: string;
  readonly by: Actor;
}
/** A text, and what proves that a process of this cluster wrote it. */
export type SignedText = z.infer<typeof Signed>;

export interface MessagesDeps {
  readonly redis: Pick<RedisLink, "hear" | "publish">;
  readonly processes: Pick<Processes, "living" | "isAlive">;
  readonly clock: Pick<Clock, "after">;
  /** of this life of this process */
  readonly processId: string;
  /** of all processes of this store */
  readonly secret: string;
  /** Brings a message to a process by HTTP. @throws where it was not taken */
  readonly post: (processId: string, message: SignedText) => Promise<void>;
  /** @throws where it could not be taken: it is brought again */
  readonly take: (change: MemberChanged) => Promise<void>;
  /** a process could not be told */
  readonly onFailed: (error: unknown, processId: string) => void;
}

/**
 * What all processes have to know at once. Redis carries it, and each says that it took it; whoever does not is told by
 * HTTP. What nobody of this cluster signed is dropped.
 */
export class Messages {
  readonly #deps: MessagesDeps;
  readonly #waiting = new Map<string, (takenBy: string) => void>();
  readonly #taken = new Map<string, Promise<void>>();

  constructor(deps: MessagesDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { redis, processId } = this.#deps;
    redis.hear("messages", (signed) => {
      const message = this.#verified(signed, Message);
      if (message === undefined || message.from === processId) return;
      this.#take(message).then(
        () => void redis.publish(`taken:${message.from}`, this.#sign({ id: message.id, by: processId })),
        // It comes by HTTP too, which tells the sender.
        () => undefined,
      );
    });
    redis.hear(`taken:${processId}`, (signed) => {
      const taken = this.#verified(signed, Taken);
      if (taken !== undefined) this.#waiting.get(taken.id)?.(taken.by);
    });
  }

  /** Resolves when every other living process has taken it, or cannot be told. Never rejects. */
  async tellAll(memberChanged: MemberChanged): Promise<void> {
    const { redis, processes, processId } = this.#deps;
    const others = new Set(processes.living.map((other) => other.processId));
    if (others.size === 0) return;
    const id = randomUUID();
    const signed = this.#sign({ id, from: processId, memberChanged });
    await this.#takenByRedis(id, others, () => redis.publish("messages", signed));
    await Promise.all(Array.from(others, (other) => this.#post(other, signed, MORE_TRIES)));
  }

  /** Tries once, and again later where that failed. Never rejects. */
  async #post(processId: string, signed: SignedText, moreTries: number): Promise<void> {
    const { post, processes, clock, onFailed } = this.#deps;
    // Who is dead reads what is stored when it opens a session again.
    if (!processes.isAlive(processId)) return;
    try {
      await post(processId, signed);
    } catch (error) {
      onFailed(error, processId);
      if (moreTries === 0) return;
      clock.after(TELL_AGAIN_MS, () => void this.#post(processId, signed, moreTries - 1));
    }
  }

  /** One that came by HTTP. @returns whether it was one of ours @throws where it could not be taken */
  async received(signed: unknown): Promise<boolean> {
    const message = this.#verified(signed, Message);
    if (message === undefined) return false;
    await this.#take(message);
    return true;
  }

  /** @param others those who have taken it are taken out */
  #takenByRedis(id: string, others: Set<string>, publish: () => Promise<boolean>): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#waiting.delete(id);
        resolve();
      };
      const cancel = this.#deps.clock.after(TAKEN_WITHIN_MS, done);
      this.#waiting.set(id, (takenBy) => {
        others.delete(takenBy);
        if (others.size === 0) done();
      });
      void publish().then((isSent) => isSent || done());
    });
  }

  #take({ id, memberChanged }: z.infer<typeof Message>): Promise<void> {
    let taken = this.#taken.get(id);
    if (taken === undefined) {
      taken = this.#deps.take(memberChanged as MemberChanged);
      this.#taken.set(id, taken);
      taken.catch(() => this.#taken.delete(id));
      for (const oldest of this.#taken.keys()) {
        if (this.#taken.size <= REMEMBERED) break;
        this.#taken.delete(oldest);
      }
    }
    return taken;
  }

  #sign(message: object): SignedText {
    const text = JSON.stringify(message);
    return { text, proof: this.#proofOf(text).toString("base64url") };
  }

  #verified<T>(signed: unknown, shape: z.ZodType<T>): T | undefined {
    const parsed = Signed.safeParse(signed);
    if (!parsed.success) return undefined;
    const proof = Buffer.from(parsed.data.proof, "base64url");
    const due = this.#proofOf(parsed.data.text);
    if (proof.length !== due.length || !timingSafeEqual(proof, due)) return undefined;
    return shape.safeParse(JSON.parse(parsed.data.text)).data;
  }

  #proofOf(text: string): Buffer {
    return createHmac("sha256", this.#deps.secret).update("message\n").update(text).digest();
  }
}
