import { eventually } from "../support/eventually.ts";
import type { Loose } from "./evening.ts";

export interface StreamEvent {
  readonly name: string;
  readonly data: Loose;
}

/** An open stream, read as `EventSource` would, with all that came. */
export class Reading {
  readonly status: number;
  readonly headers: Headers;
  /** everything as it came */
  text = "";
  /** the response has ended, from either side */
  over = false;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    void this.#read(response);
  }

  /** @param ticket instead of a bearer token */
  static async open(
    server: { readonly url: string },
    sessionId: string,
    who: { token?: string; ticket?: string },
  ): Promise<Reading> {
    const abort = new AbortController();
    const query = who.ticket === undefined ? "" : `?ticket=${who.ticket}`;
    const response = await fetch(`${server.url}/api/sessions/${sessionId}/stream${query}`, {
      headers: {
        accept: "text/event-stream",
        ...(who.token === undefined ? {} : { authorization: `Bearer ${who.token}` }),
      },
      signal: abort.signal,
    });
    return new Reading(response, abort);
  }

  /** Events so far, oldest first. What is not complete yet is not there. */
  get events(): StreamEvent[] {
    return this.text
      .split("\n\n")
      .slice(0, -1)
      .filter((block) => !block.startsWith(":"))
      .map((block) => {
        const [, name = "", json = "null"] = /^event: (\w+)\ndata: ([^\n]*)$/.exec(block) ?? [];
        return { name, data: JSON.parse(json) };
      });
  }

  get comments(): number {
    return this.text.split("\n\n").filter((block) => block === ":").length;
  }

  /** The data of the events of one kind. */
  all(name: string): Loose[] {
    return this.events.filter((event) => event.name === name).map(({ data }) => data);
  }

  /** What a client makes of it: the snapshot with every patch applied. */
  entries(): Map<string, Loose> {
    const entries = new Map<string, Loose>();
    for (const { name, data } of this.events) {
      if (name === "snapshot") for (const [path, entry] of Object.entries(data.entries)) entries.set(path, entry);
      if (name !== "patch") continue;
      for (const [path, entry] of Object.entries(data.set)) entries.set(path, entry);
      for (const path of data.delete) entries.delete(path);
    }
    return entries;
  }

  /** The newest `seq` that it was told. */
  get seq(): number {
    return this.events.findLast(({ name }) => name === "snapshot" || name === "patch")?.data.seq ?? -1;
  }

  async until(what: string, probe: () => boolean): Promise<void> {
    await eventually(`the stream: ${what}`, probe, 3_000);
  }

  async ended(): Promise<void> {
    await this.until("the end", () => this.over);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(response: Response): Promise<void> {
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) this.text += chunk;
    } catch {
      // cut off, by either side
    }
    this.over = true;
  }
}
