import { type IRoomCache, LocalDriver } from "@colyseus/core";
import type { Clock } from "../ports/clock.ts";
import type { RedisLink } from "./redis-link.ts";

/** What a process listed is gone so long after it said last that it is there. */
const LISTED_SECONDS = 60;
const SAY_SO_EVERY_MS = 20_000;

type Link = Pick<RedisLink, "driver" | "onReady" | "keepListing">;

/**
 * Colyseus' driver. Its matchmaking looks for rooms of this process alone, in memory: who asks about another's session was
 * sent there before. What it knows is listed in Redis too, as far as Redis takes it, and all of it again when Redis is back.
 */
export class ListedRooms extends LocalDriver {
  #redis: Link | undefined;
  #cancelTimer: (() => void) | undefined;

  /** From now on, for the framework asks for a driver before this process has a name to list its rooms under. */
  listIn(redis: Link, clock: Pick<Clock, "after">): void {
    this.#redis = redis;
    redis.onReady(() => this.listAgain());
    const stay = (): void => {
      void redis.keepListing(LISTED_SECONDS);
      this.#cancelTimer = clock.after(SAY_SO_EVERY_MS, stay);
    };
    stay();
  }

  /** Everything: others may have taken it away, or Redis may have lost it. */
  listAgain(): void {
    for (const room of this.rooms) this.#list(room);
    void this.#redis?.keepListing(LISTED_SECONDS);
  }

  override async insert(room: IRoomCache): Promise<boolean> {
    const isNew = await super.insert(room);
    if (isNew) this.#list(room);
    return isNew;
  }

  override persist(room: IRoomCache, create = false): boolean {
    const isNew = super.persist(room, create);
    this.#list(room);
    return isNew;
  }

  override update(room: IRoomCache, operations: Parameters<LocalDriver["update"]>[1]): boolean {
    const isDone = super.update(room, operations);
    this.#list(room);
    return isDone;
  }

  override remove(roomId: string): boolean {
    const wasThere = super.remove(roomId);
    if (wasThere) this.#try((driver) => driver.remove(roomId));
    return wasThere;
  }

  override shutdown(): void {
    this.#cancelTimer?.();
  }

  #list(room: IRoomCache): void {
    if (this.has(room.roomId)) this.#try((driver) => driver.persist(room));
  }

  /** Best effort: nobody waits for it, and everything is listed again when Redis is back. */
  #try(call: (driver: RedisLink["driver"]) => Promise<unknown>): void {
    if (this.#redis !== undefined) call(this.#redis.driver).catch(() => undefined);
  }
}
