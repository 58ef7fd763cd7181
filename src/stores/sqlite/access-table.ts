import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { inviteIdsOf, NOTHING_KNOWN, type PersonFacts } from "../../core/access-list.ts";
import type { Invite } from "../../core/session.ts";
import type { KeptAccess } from "../../ports/archive.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import type { AccessRows, PersonRow } from "../../ports/sessions.ts";
import { NOT_NOTED } from "../noted-invite.ts";
import { parsed } from "../stored-record.ts";

/** The statements on `person` and `invite`: who may come in, projected from the log. */
export class AccessTable {
  readonly #putPerson: StatementSync;
  readonly #person: StatementSync;
  readonly #people: StatementSync;
  readonly #putInvite: StatementSync;
  readonly #sessionOf: StatementSync;
  readonly #inviteById: StatementSync;
  readonly #inviteByHash: StatementSync;
  readonly #invites: StatementSync;
  readonly #dropPeople: StatementSync;
  readonly #dropInvites: StatementSync;

  constructor(db: DatabaseSync) {
    this.#putPerson = db.prepare(
      `INSERT INTO person VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET pos = excluded.pos, facts = excluded.facts
       WHERE excluded.pos > person.pos`,
    );
    this.#person = db.prepare("SELECT facts FROM person WHERE session_id = ? AND user_id = ?");
    this.#people = db.prepare("SELECT user_id, pos, facts FROM person WHERE session_id = ? ORDER BY user_id");
    this.#putInvite = db.prepare(
      `INSERT INTO invite (token_hash, session_id, id, pos, invite) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET session_id = excluded.session_id, id = excluded.id, pos = excluded.pos, invite = excluded.invite
       WHERE excluded.pos > invite.pos`,
    );
    this.#sessionOf = db.prepare("SELECT session_id FROM invite WHERE token_hash = ?");
    this.#inviteById = db.prepare("SELECT invite FROM invite WHERE session_id = ? AND id = ?");
    this.#inviteByHash = db.prepare("SELECT invite FROM invite WHERE session_id = ? AND token_hash = ?");
    this.#invites = db.prepare("SELECT token_hash, pos, invite FROM invite WHERE session_id = ? ORDER BY token_hash");
    this.#dropPeople = db.prepare("DELETE FROM person WHERE session_id = ?");
    this.#dropInvites = db.prepare("DELETE FROM invite WHERE session_id = ?");
  }

  /** As they are after the record at `pos`; what was noted of that one or of a later record stays. */
  put(sessionId: string, { people, invites }: AccessRows, pos: number): void {
    for (const { userId, ...facts } of people) this.#putPerson.run(sessionId, userId, pos, JSON.stringify(facts));
    for (const invite of invites) {
      this.#putInvite.run(invite.tokenHash, sessionId, invite.id, pos, JSON.stringify(invite));
    }
  }

  /** What is known of somebody, and the invites by which they are in, by which they asked to be, or that they bring. */
  of(sessionId: string, userId: string, inviteHash: string | null) {
    const found = this.#person.get(sessionId, userId);
    const person = found === undefined ? undefined : personOf(userId, found);
    const { invitee, knock } = inviteIdsOf(person ?? NOTHING_KNOWN);
    const rows = [
      this.#inviteById.get(sessionId, invitee),
      this.#inviteById.get(sessionId, knock),
      this.#inviteByHash.get(sessionId, inviteHash),
    ];
    return { person, invites: rows.flatMap((row) => (typeof row?.invite === "string" ? [inviteOf(row.invite)] : [])) };
  }

  sessionOf(tokenHash: string): string | undefined {
    return this.#sessionOf.get(tokenHash)?.session_id as string | undefined;
  }

  people(sessionId: string): KeptAccess["people"] {
    return this.#people.all(sessionId).map((row) => {
      const userId = String(row.user_id);
      const person = orElse(() => personOf(userId, row), { userId, ...NOTHING_KNOWN });
      return { ...person, pos: Number(row.pos) };
    });
  }

  lookups(sessionId: string): KeptAccess["lookups"] {
    return this.#invites.all(sessionId).map(({ token_hash, pos, invite }) => ({
      tokenHash: String(token_hash),
      pos: Number(pos),
      invite: typeof invite === "string" ? orElse(() => inviteOf(invite), null) : null,
    }));
  }

  drop(sessionId: string): void {
    this.#dropPeople.run(sessionId);
    this.#dropInvites.run(sessionId);
  }
}

/** What a former program could not note counts as nothing. @throws StoredDataDamaged */
function personOf(userId: string, { facts }: Record<string, SQLOutputValue>): PersonRow {
  return { userId, ...NOTHING_KNOWN, ...parsed<PersonFacts>(String(facts), "what is noted of a person") };
}

/** @throws StoredDataDamaged */
function inviteOf(text: string): Invite {
  return { ...NOT_NOTED, ...parsed<Invite>(text, "what is noted of an invite") };
}

/** What cannot be read is as if it were not there: whoever looks it over finds that. */
function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StoredDataDamaged) return otherwise;
    throw error;
  }
}
