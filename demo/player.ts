import { digestOf } from "../clients/js/src/digest.ts";
import {
  type Answer,
  CommandRefused,
  connect,
  type Json,
  type SessionState,
  type Table,
} from "../clients/js/src/index.ts";
import { eventually } from "../test/support/eventually.ts";
import type { ServerProcess } from "../test/support/server.ts";
import { line, Surprise } from "./script.ts";

/** How a command ended: with the server's answer, or with its reason against it. */
export type Told = (Answer & { readonly refused?: undefined }) | { readonly refused: CommandRefused };

/** One person of the demo's cast: a name, a token, and a seat by `clients/js`. */
export class Player {
  readonly name: string;
  readonly userId: string;
  readonly #url: string;
  readonly #token: string;
  #table: Table | undefined;
  #returns = 0;

  private constructor(name: string, url: string, token: string) {
    this.name = name;
    this.userId = name.toLowerCase();
    this.#url = url;
    this.#token = token;
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

  /** Takes a seat, once: from then on the client comes back by itself. */
  async join(sessionId: string, invite?: string): Promise<void> {
    const table = connect({
      endpoint: this.#url,
      sessionId,
      token: this.#token,
      client: "demo",
      ...(invite === undefined ? {} : { invite }),
    });
    table.on("back", () => this.#returns++);
    this.#table = table;
    await table.ready;
  }

  get table(): Table {
    if (this.#table === undefined) throw new Surprise(`${this.name} has no seat`);
    return this.#table;
  }

  get state(): SessionState {
    return this.table.state;
  }

  /** How often this person lost the connection and came back. */
  get returns(): number {
    return this.#returns;
  }

  /** What is at a path, as this person sees it; undefined if they see nothing there. */
  value(path: string): Json | undefined {
    return this.table.get(path);
  }

  version(path: string): number {
    return this.table.entry(path)?.version ?? 0;
  }

  /** Sends a command, as often as it takes; a refusal is an answer like any other here. */
  async try(action: string, payload: Json, expect?: Record<string, number>): Promise<Told> {
    try {
      return await this.table.command(action, payload, expect === undefined ? {} : { expect });
    } catch (error) {
      if (error instanceof CommandRefused) return { refused: error };
      throw error;
    }
  }

  /** Sends a command that has to be accepted. @returns its seq */
  async does(action: string, payload: Json): Promise<number> {
    const told = await this.try(action, payload);
    if (told.refused !== undefined) throw new Surprise(`${this.name}'s ${action} was refused: ${told.refused.message}`);
    return told.seq;
  }

  /** Waits until this person sees it. */
  async sees(what: string, isSo: (state: SessionState) => boolean, withinMs = 4_000): Promise<void> {
    await eventually(`${this.name} sees ${what}`, () => isSo(this.state), withinMs);
  }

  /** Who is at the table and how, in words. */
  company(): string {
    const people = [...this.state.participants.values()].map(({ name, presence }) => `${name} (${presence})`);
    return people.sort().join(", ");
  }

  /** The digest that this client computes over what it sees of `entries`. */
  digest(): string {
    return digestOf(this.state.entries);
  }

  says(what: string): void {
    line(this.name, what);
  }

  leave(): void {
    this.#table?.leave();
  }
}
