import { randomUUID } from "node:crypto";
import { Client, type Room } from "@colyseus/sdk";
import { digestOf } from "../test/support/digest.ts";
import { eventually } from "../test/support/eventually.ts";
import type { ServerProcess } from "../test/support/server.ts";
import { copyOf, type TableState } from "../test/support/table.ts";
import { line, Surprise } from "./script.ts";

/** How a command ended: with its number, or with the server's reason against it. */
export type Told =
  | { readonly seq: number; readonly refused?: undefined }
  | { readonly refused: { readonly code: string; readonly message: string; readonly conflicts?: readonly Conflict[] } };

export interface Conflict {
  readonly path: string;
  readonly version: number;
  readonly value: string | null;
}

/** One person of the demo's cast: a name, a token, and the official SDK. */
export class Player {
  readonly name: string;
  readonly userId: string;
  readonly #client: Client;
  readonly #url: string;
  readonly #token: string;
  #room: Room<unknown, TableState> | null = null;

  private constructor(name: string, url: string, token: string) {
    this.name = name;
    this.userId = name.toLowerCase();
    this.#url = url;
    this.#token = token;
    this.#client = new Client(url);
    this.#client.auth.token = token;
  }

  /** Somebody with a token from the server's dev login. @param url another way to the server, such as a wire to be cut */
  static async arrive(server: ServerProcess, name: string, url = server.url): Promise<Player> {
    return new Player(name, url, await server.tokenFor(name.toLowerCase(), { name }));
  }

  /** Asks over HTTP. @throws Surprise on any status of 400 or more */
  async http<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Surprise(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return (answer.status === 204 ? null : await answer.json()) as T;
  }

  /** Takes a seat, or comes back to it. The SDK reconnects by itself where the host lives. */
  async join(sessionId: string, invite?: string): Promise<void> {
    const room = await this.#client.joinOrCreate<TableState>("session", { sessionId, ...(invite ? { invite } : {}) });
    room.reconnection.minUptime = 0;
    room.onMessage("*", () => undefined);
    this.#room = room;
    await this.sees("the table", (state) => state?.sessionId === sessionId);
  }

  get state(): TableState {
    return this.room.state;
  }

  get room(): Room<unknown, TableState> {
    if (this.#room === null) throw new Surprise(`${this.name} has no seat`);
    return this.#room;
  }

  /** What is at a path, as this person sees it; undefined if they see nothing there. */
  value(path: string): unknown {
    const entry = this.state.entries.get(path) ?? this.state.hidden?.get(path);
    return entry === undefined ? undefined : JSON.parse(entry.value);
  }

  version(path: string): number {
    return this.state.entries.get(path)?.version ?? 0;
  }

  /** Sends a command; a refusal is an answer like any other here. */
  async try(action: string, payload: object, expect?: Record<string, number>): Promise<Told> {
    try {
      return (await this.room.request("command", {
        id: randomUUID(),
        action,
        payload,
        ...(expect ? { expect } : {}),
      })) as Told;
    } catch (error) {
      const { reason } = error as { reason?: Exclude<Told["refused"], undefined> };
      if (reason === undefined) throw error;
      return { refused: reason };
    }
  }

  /** Sends a command that has to be accepted. @returns its seq */
  async does(action: string, payload: object): Promise<number> {
    const told = await this.try(action, payload);
    if (told.refused !== undefined) throw new Surprise(`${this.name}'s ${action} was refused: ${told.refused.message}`);
    return told.seq;
  }

  /** Waits until this person sees it. */
  async sees(what: string, isSo: (state: TableState) => boolean, withinMs = 4_000): Promise<void> {
    await eventually(`${this.name} sees ${what}`, () => isSo(this.room.state), withinMs);
  }

  /** Who is at the table and how, in words. */
  company(): string {
    const people = [...copyOf(this.state.participants).values()].map(({ name, presence }) => `${name} (${presence})`);
    return people.sort().join(", ");
  }

  /** The digest that this client computes over what it sees of `entries`. */
  digest(): string {
    return digestOf([...copyOf(this.state.entries)].map(([path, entry]) => ({ path, ...entry })));
  }

  says(what: string): void {
    line(this.name, what);
  }

  async leave(): Promise<void> {
    await this.#room?.leave();
  }
}
