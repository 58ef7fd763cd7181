import { signal } from "@preact/signals";
import { ask, seg } from "../api/ask.ts";
import type { AuditEvent, Session } from "../api/shapes.ts";

/** A session as HTTP knows it: what is not in the room's state, and what a GM does to it. */
export class SessionFile {
  readonly sessionId: string;
  /** as it was last asked for */
  readonly session = signal<Session | undefined>(undefined);
  readonly #path: string;

  constructor(sessionId: string) {
    this.sessionId = sessionId;
    this.#path = `api/sessions/${seg(sessionId)}`;
  }

  /** An address below the session's own. */
  path(rest: string): string {
    return `${this.#path}/${rest}`;
  }

  async load(): Promise<Session> {
    this.session.value = await ask<Session>("GET", this.#path);
    return this.session.value;
  }

  async change(change: object): Promise<void> {
    this.session.value = await ask<Session>("PATCH", this.#path, change);
  }

  async step(step: "start" | "pause" | "resume" | "terminate", reason?: string): Promise<void> {
    this.session.value = await ask<Session>("POST", this.path(step), reason === undefined ? undefined : { reason });
  }

  /** Changes a member's role in the campaign; who came by an invite becomes a member by it. */
  async setRole(userId: string, role: string): Promise<void> {
    const { campaignId } = this.session.value ?? (await this.load());
    await ask("PUT", `api/campaigns/${seg(campaignId)}/members/${seg(userId)}`, { role });
  }

  /** Events after a number, as many as there are, page by page. */
  async events(after: number, most = 10_000): Promise<AuditEvent[]> {
    const events: AuditEvent[] = [];
    let next: number | null = after;
    while (next !== null && events.length < most) {
      const page: { items: AuditEvent[]; nextAfter: number | null } = await ask(
        "GET",
        this.path(`events?limit=200&after=${next}`),
      );
      events.push(...page.items);
      next = page.nextAfter;
    }
    return events;
  }
}
