import { Person } from "./people.ts";
import type { ServerProcess, TokenClaims } from "./server.ts";

export type Role = "gm" | "player" | "spectator";

export interface SessionView {
  readonly id: string;
  readonly campaignId: string;
  readonly status: string;
  readonly maxParticipants: number;
  readonly online: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface InviteView {
  readonly id: string;
  readonly token: string;
  readonly url: string;
  readonly uses: number;
  readonly maxUses: number;
}

let evenings = 0;

/** A campaign with its people, and one session of it: what most tests begin with. */
export class Evening {
  readonly server: ServerProcess;
  readonly gm: Person;
  readonly campaignId: string;
  readonly sessionId: string;
  readonly #members = new Map<string, Person>();

  private constructor(server: ServerProcess, gm: Person, campaignId: string, sessionId: string) {
    this.server = server;
    this.gm = gm;
    this.campaignId = campaignId;
    this.sessionId = sessionId;
  }

  /**
   * Creates the campaign and the session over HTTP. Names of people are as given, so that evenings of one server share people;
   * give each file its own server, or the members names of their own.
   * @param setup `session` is the body of `POST …/sessions`; `isLive` starts it (default true)
   */
  static async prepare(
    server: ServerProcess,
    setup: {
      readonly gm?: string;
      readonly members?: Readonly<Record<string, Role>>;
      readonly session?: Readonly<Record<string, unknown>>;
      readonly isLive?: boolean;
      /** how long everybody's token is good; default an hour */
      readonly tokenSeconds?: number;
    } = {},
  ): Promise<Evening> {
    evenings += 1;
    const claims = { expiresInSeconds: setup.tokenSeconds ?? 3_600 };
    const gm = await Person.of(server, setup.gm ?? "gm", { name: "Game Master", ...claims });
    const campaign = await gm.get<{ id: string }>("POST", "/api/campaigns", { name: `Campaign ${evenings}` });
    const session = await gm.get<SessionView>("POST", `/api/campaigns/${campaign.id}/sessions`, {
      title: `Evening ${evenings}`,
      ...setup.session,
    });
    const evening = new Evening(server, gm, campaign.id, session.id);
    const members = Object.entries(setup.members ?? {});
    await Promise.all(members.map(([userId, role]) => evening.setMember(userId, role, claims)));
    if (setup.isLive ?? true) await evening.step("start");
    return evening;
  }

  /** A member by the name given to `prepare` or `setMember`. */
  person(userId: string): Person {
    const person = userId === this.gm.userId ? this.gm : this.#members.get(userId);
    if (person === undefined) throw new Error(`${userId} is no member`);
    return person;
  }

  /** Adds a member or changes their role. */
  async setMember(userId: string, role: Role, claims: TokenClaims = {}): Promise<Person> {
    const person = this.#members.get(userId) ?? (await Person.of(this.server, userId, claims));
    this.#members.set(userId, person);
    await this.gm.get("PUT", `/api/campaigns/${this.campaignId}/members/${encodeURIComponent(userId)}`, { role });
    return person;
  }

  /** One step of the session's status, by the GM. @throws if it is refused */
  async step(step: "start" | "pause" | "resume" | "terminate", reason?: string): Promise<SessionView> {
    return await this.gm.get("POST", `${this.path}/${step}`, reason === undefined ? undefined : { reason });
  }

  async invite(body: Readonly<Record<string, unknown>> = {}): Promise<InviteView> {
    return await this.gm.get("POST", `${this.path}/invites`, body);
  }

  /** `/api/sessions/:id` */
  get path(): string {
    return `/api/sessions/${this.sessionId}`;
  }

  /** All audit events, page by page, as the GM reads them. */
  async events(): Promise<AuditEventView[]> {
    const events: AuditEventView[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: { items: AuditEventView[]; nextAfter: number | null } = await this.gm.get(
        "GET",
        `${this.path}/events?after=${after}&limit=200`,
      );
      events.push(...page.items);
      after = page.nextAfter;
    }
    return events;
  }
}

export interface AuditEventView {
  readonly n: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: { readonly userId: string | null; readonly via: string };
  readonly data: Readonly<Record<string, unknown>>;
  readonly prev: string;
  readonly hash: string;
}
