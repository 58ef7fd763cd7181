import { RedisDriver } from "@colyseus/redis-driver";
import { RedisPresence } from "@colyseus/redis-presence";
import { Redis } from "ioredis";
import type { Clock } from "../ports/clock.ts";

/** No command is waited for longer. */
const ANSWER_MS = 1_000;
/** How often each connection is asked whether it still leads anywhere: one that leads nowhere is made anew. */
const ASK_EVERY_MS = 5_000;
/** Between two tries to reach Redis: longer after each, up to this. */
const RETRY_AT_MOST_MS = 2_000;

export interface RedisLinkDeps {
  /** `redis://` or `rediss://` */
  readonly url: string;
  /** of every key and channel: what else is in that Redis is somebody else's */
  readonly prefix: string;
  /** of this life of this process: its rooms are listed under it */
  readonly processId: string;
  readonly clock: Pick<Clock, "after">;
  /** Redis can be reached, for the first time or again, or cannot any more */
  readonly onChanged: (isThere: boolean) => void;
}

/**
 * The connections to Redis. It carries room listings and messages between processes, and decides nothing: every call is
 * bounded in time, and one that fails costs what it was to carry.
 */
export class RedisLink {
  readonly prefix: string;
  readonly #processId: string;
  readonly #commands: Redis;
  readonly #presence: QuietPresence;
  readonly #listings: Redis;
  readonly #onReady: (() => void)[] = [];
  readonly #clock: Pick<Clock, "after">;
  readonly #onChanged: (isThere: boolean) => void;
  #driver: RedisDriver;
  #isConnected = false;
  #isStopped = false;
  #cancelTimer: (() => void) | undefined;

  constructor({ url, prefix, processId, clock, onChanged }: RedisLinkDeps) {
    this.#clock = clock;
    this.#onChanged = onChanged;
    this.prefix = prefix;
    this.#processId = processId;
    this.#commands = new Redis(url, {
      connectTimeout: ANSWER_MS,
      commandTimeout: ANSWER_MS,
      maxRetriesPerRequest: 0,
      // A command that cannot be sent now fails now.
      enableOfflineQueue: false,
      retryStrategy: (tries) => Math.min(tries * 100, RETRY_AT_MOST_MS),
    });
    this.#presence = new QuietPresence(this.#commands);
    this.#listings = this.#commands.duplicate({ keyPrefix: this.#listingPrefix(processId) });
    this.#listings.on("error", () => undefined);
    this.#driver = new RedisDriver(this.#listings);
    this.#listings.on("ready", () => {
      // A driver keeps for ever what failed once.
      this.#driver = new RedisDriver(this.#listings);
      this.#changed(true);
      for (const tell of this.#onReady) tell();
    });
    this.#listings.on("close", () => this.#changed(false));
    this.#askLater();
  }

  /** Whether there is a connection now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Colyseus' own, over the rooms of this process alone. Its calls may fail. */
  get driver(): RedisDriver {
    return this.#driver;
  }

  /** Redis can be reached, for the first time or again. */
  onReady(tell: () => void): void {
    this.#onReady.push(tell);
  }

  /** Asks Redis now. */
  async isThere(): Promise<boolean> {
    return (await orNothing(this.#commands.ping())) === "PONG";
  }

  /** What this process lists is gone when it does not say within so many seconds that it is there. */
  async keepListing(seconds: number): Promise<void> {
    await orNothing(this.#listings.expire("roomcaches", seconds));
  }

  /** Removes what a process listed that is gone. */
  async forget(processId: string): Promise<void> {
    await orNothing(this.#commands.del(`${this.#listingPrefix(processId)}roomcaches`));
  }

  /** Hears what is published on a channel, now or whenever Redis is there again. */
  hear(channel: string, take: (message: unknown) => void): void {
    // It is remembered, and subscribed to at the next connection.
    void orNothing(this.#presence.subscribe(this.prefix + channel, take));
  }

  /** @returns whether Redis took it */
  async publish(channel: string, message: object): Promise<boolean> {
    const published = this.#presence.publish(this.prefix + channel, message);
    return (await orNothing(published.then(() => true))) ?? false;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.forget(this.#processId);
    this.#presence.end();
    this.#listings.disconnect();
  }

  #changed(isConnected: boolean): void {
    if (this.#isConnected !== isConnected) this.#onChanged(isConnected);
    this.#isConnected = isConnected;
  }

  /** A network that swallows everything closes no connection. */
  #askLater(): void {
    this.#cancelTimer = this.#clock.after(ASK_EVERY_MS, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    await Promise.all([this.#commands, this.#listings, this.#presence.hearing].map(askOrReconnect));
    if (!this.#isStopped) this.#askLater();
  }

  #listingPrefix(processId: string): string {
    return `${this.prefix}${processId}:`;
  }
}

/** Colyseus' own, without its line of the log for every try to reach Redis: that it is away is told once. */
class QuietPresence extends RedisPresence {
  constructor(commands: Redis) {
    super(commands);
    for (const connection of [this.pub, this.sub]) {
      connection.removeAllListeners("error");
      connection.on("error", () => undefined);
    }
  }

  get hearing(): Redis {
    return this.sub as Redis;
  }

  /** Lets go at once: to say goodbye would wait for a Redis that is away. */
  end(): void {
    this.sub.disconnect();
    this.pub.disconnect();
  }
}

async function askOrReconnect(connection: Redis): Promise<void> {
  if (connection.status !== "ready") return;
  if ((await orNothing(connection.ping())) === undefined) connection.disconnect(true);
}

/** What Redis answers; undefined where it does not. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}
