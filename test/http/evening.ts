import { hash } from "node:crypto";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Config } from "../../src/config.ts";
import { loadConfig } from "../../src/config.ts";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import { ProcessWork } from "../../src/core/work-budget.ts";
import type { HttpParts } from "../../src/http/deps.ts";
import { createHttpServer } from "../../src/http/http-server.ts";
import { buildHttp } from "../../src/http/server.ts";
import type { Claims } from "../../src/identity/claims.ts";
import { createIdentity, type Identity } from "../../src/identity/identity.ts";
import { Hosting } from "../../src/live/hosting.ts";
import { RESTORES_AT_ONCE, Turns } from "../../src/live/turns.ts";
import { createLog } from "../../src/ops/log.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { type FaultyStores, faulty } from "../support/faulty-stores.ts";
import { type Answer, call } from "../support/http.ts";

export const SECRET = "the secret of an evening in tests";
const START = Date.parse("2030-05-01T19:00:00.000Z");

/** A clock that stands still but for `pass`; timers run when their time is passed. */
export class TestClock implements Clock {
  #now = START;
  #jumpedMs = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now + this.#jumpedMs;
  }

  steady(): number {
    return this.#now;
  }

  /** The system's clock is set anew, forward or (negative) back; no time passes. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  pass(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due) callback();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into JSON of whatever shape came, and fail where it is another
export type Loose = any;

type Ask = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

/** The whole HTTP side on an ephemeral port, over the real live layer and stores in memory. */
export class Evening {
  readonly clock: TestClock;
  readonly stores: FaultyStores;
  readonly logLines: string[] = [];
  readonly identity: Identity;
  readonly hosting: Hosting;
  url = "";
  drains = 0;
  /** how many requests came in so far */
  requests = 0;
  draining = false;
  /** on every request of `ask` */
  headers: Readonly<Record<string, string>> = {};
  #ids = 0;
  #connections = 0;
  readonly #server: Server;
  readonly #unsent = new Set<ServerResponse>();

  /** @param beside a first process, whose stores and clock this second one has */
  constructor(env: Record<string, string> = {}, more: Partial<HttpParts> = {}, beside?: Evening) {
    this.clock = beside?.clock ?? new TestClock();
    this.stores = beside?.stores ?? faulty(openMemoryStores());
    const processId = beside === undefined ? "p1" : "p2";
    const config: Config = loadConfig({ AUTH_JWT_SECRET: SECRET, GUESTS: "on", RATE_WRITES: "0", ...env });
    const { clock, stores } = this;
    const id = () => `${beside === undefined ? "id" : "other"}-${++this.#ids}`;
    const chance = { id, token: () => `token_${hash("sha256", id(), "hex")}`, float: () => 0.5 };
    this.identity = more.identity ?? createIdentity(config, clock);
    this.hosting = new Hosting({
      stores,
      clock,
      chance,
      processId,
      actions: actionRegistry(),
      commandsPerSecond: 0,
      work: new ProcessWork(0),
      onFault: (_action, cause) => {
        throw cause;
      },
      restores: new Turns(RESTORES_AT_ONCE),
      onDamaged: (problem) => {
        throw problem;
      },
      onSnapshotFailed: () => {},
    });
    const log = createLog("trace", { write: (line) => this.logLines.push(line) });
    const app = buildHttp({
      config,
      stores,
      running: this.hosting,
      identity: this.identity,
      clock,
      chance,
      processId,
      log,
      drain: () => {
        this.drains += 1;
      },
      draining: () => this.draining,
      processes: () => [this.hosting.self],
      ...more,
    });
    this.#server = createHttpServer(app, clock, config.keepAliveSeconds, (status) =>
      log.info({ status }, "malformed request"),
    ).on("request", (_request, response) => {
      this.requests += 1;
      response.once("prefinish", () => this.#unsent.add(response));
      response.once("close", () => this.#unsent.delete(response));
    });
  }

  /** Answers that are whole and not taken by those who asked. */
  get unsentAnswers(): number {
    return this.#unsent.size;
  }

  static async begin(
    env: Record<string, string> = {},
    more: Partial<HttpParts> = {},
    beside?: Evening,
  ): Promise<Evening> {
    const evening = new Evening(env, more, beside);
    await new Promise<void>((resolve) => evening.#server.listen(0, "127.0.0.1", resolve));
    evening.url = `http://127.0.0.1:${(evening.#server.address() as AddressInfo).port}`;
    return evening;
  }

  end(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async tokenFor(userId: string, claims: Partial<Claims> = {}): Promise<string> {
    const expiresAt = this.clock.now() + 12 * 3_600_000;
    return (await this.identity.sign({ userId, name: null, roles: [], expiresAt, ...claims })).token;
  }

  /** A request of somebody; `null`: without a token. */
  async ask<T = Loose>(
    userId: string | null,
    method: string,
    path: string,
    { body, headers }: Ask = {},
  ): Promise<Answer<T>> {
    const more = { ...(body === undefined ? {} : { body }), headers: { ...this.headers, ...headers } };
    return await call<T>(this.url, method, path, {
      ...(userId === null ? {} : { token: await this.tokenFor(userId) }),
      ...more,
    });
  }

  /** A request that the test needs to succeed. */
  async get<T = Loose>(userId: string, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(userId, method, path, body === undefined ? {} : { body });
    if (answer.status >= 400) throw new Error(`${userId}: ${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  /** A campaign of `gm`, with members. @returns its id */
  async campaign(members: Record<string, string> = {}): Promise<string> {
    const { id } = await this.get("gm", "POST", "/api/campaigns", { name: "The Sunken Keep" });
    for (const [userId, role] of Object.entries(members)) {
      await this.get("gm", "PUT", `/api/campaigns/${id}/members/${encodeURIComponent(userId)}`, { role });
    }
    return id;
  }

  /** @returns the id of a new session */
  async session(campaignId: string, body: object = {}): Promise<string> {
    return (await this.get("gm", "POST", `/api/campaigns/${campaignId}/sessions`, { title: "One", ...body })).id;
  }

  /** An invite of the GM. */
  async invite(sessionId: string, body: object = {}): Promise<{ id: string; token: string; url: string }> {
    return await this.get("gm", "POST", `/api/sessions/${sessionId}/invites`, body);
  }

  /** Somebody joins, as a room would let them. @returns why not, undefined if they are in */
  async join(sessionId: string, userId: string, invite?: string): Promise<string | undefined> {
    const session = await this.hosting.open(sessionId);
    const { member, removal } = await this.stores.campaigns.findMembership(session.committed.campaignId, userId);
    const inviteHash = invite === undefined ? undefined : hash("sha256", invite, "hex");
    const reservation = session.reserve({ userId, name: null, member, removal, inviteHash }, 0, () => false);
    if (typeof reservation === "string") return reservation;
    const place = await session.join(reservation.id, `c${++this.#connections}`);
    return typeof place === "string" ? place : undefined;
  }

  /** A command of somebody who has a place. */
  async command(sessionId: string, userId: string, action: string, payload: unknown): Promise<void> {
    const { desk } = await this.hosting.open(sessionId);
    const reply = await desk.submit(userId, { id: `c${++this.#connections}`, action, payload });
    if ("code" in reply) throw new Error(`${reply.code}: ${reply.message}`);
  }

  /** The kinds of a session's audit events, oldest first. */
  async kinds(sessionId: string): Promise<string[]> {
    return (await this.stores.log.events(sessionId, 0, 1000)).map(({ kind }) => kind);
  }
}
