import { NOTHING_KNOWN } from "../../core/access-list.ts";
import type { Invite } from "../../core/session.ts";
import type { KeptAccess } from "../../ports/archive.ts";
import type { AccessRows, PersonRow } from "../../ports/sessions.ts";
import { inOrder } from "../invite-order.ts";
import { NOT_NOTED } from "../noted-invite.ts";
import { isDuplicate, reading, writing } from "./answer.ts";
import type { InviteDocument, Models, PersonDocument } from "./models.ts";

/** Who may come in, projected from the log: people, and invites by the hash of their token. */
export class MongoAccess {
  readonly #people: Models["people"];
  readonly #invites: Models["invites"];

  constructor({ people, invites }: Models) {
    this.#people = people;
    this.#invites = invites;
  }

  /** As they are after the record at `pos`; what was noted of that one or of a later record stays. @throws as `writing` */
  async put(sessionId: string, { people, invites }: AccessRows, pos: number): Promise<void> {
    const earlier = { pos: { $lt: pos } };
    await Promise.all([
      ...people.map(({ userId, ...facts }) => {
        const update = { $set: { sessionId, userId, pos, facts } };
        return unlessLater(
          this.#people.updateOne({ _id: idOf(sessionId, userId), ...earlier }, update, { upsert: true }).exec(),
        );
      }),
      ...invites.map((invite) => {
        const update = { $set: { sessionId, pos, invite } };
        // Look-ups of former programs have no position.
        const which = { _id: invite.tokenHash, $or: [{ pos: null }, earlier] };
        return unlessLater(this.#invites.updateOne(which, update, { upsert: true }).exec());
      }),
    ]);
  }

  /** What is known of somebody. @throws StoreUnavailable */
  async person(sessionId: string, userId: string): Promise<PersonRow | undefined> {
    const found = await reading(this.#people.findById(idOf(sessionId, userId)).lean<PersonDocument>().exec());
    return found === null ? undefined : personOf(found);
  }

  /** The session to which a token leads, and its invite; null where a former program noted none. @throws StoreUnavailable */
  async lookup(tokenHash: string): Promise<{ sessionId: string; invite: Invite | null } | undefined> {
    const found = await reading(this.#invites.findById(tokenHash).lean<InviteDocument>().exec());
    return found === null ? undefined : { sessionId: found.sessionId, invite: noted(found.invite) };
  }

  /** @throws StoreUnavailable */
  async inviteById(sessionId: string, inviteId: string): Promise<Invite | undefined> {
    const which = { sessionId, "invite.id": inviteId };
    return noted((await reading(this.#invites.findOne(which).lean<InviteDocument>().exec()))?.invite) ?? undefined;
  }

  /** @throws StoreUnavailable */
  async invitesOf(sessionId: string): Promise<Invite[]> {
    const { lookups } = await this.kept(sessionId);
    return lookups.flatMap(({ invite }) => (invite === null ? [] : [invite])).sort(inOrder);
  }

  /** All that is noted of a session. @throws StoreUnavailable */
  async kept(sessionId: string): Promise<Omit<KeptAccess, "isLearned">> {
    const [people, invites] = await Promise.all([
      reading(this.#people.find({ sessionId }).lean<PersonDocument[]>().exec()),
      reading(this.#invites.find({ sessionId }).lean<InviteDocument[]>().exec()),
    ]);
    return {
      people: people.map((person) => ({ ...personOf(person), pos: person.pos })),
      lookups: invites.map(({ _id, pos = 0, invite }) => ({ tokenHash: _id, pos, invite: noted(invite) })),
    };
  }

  /** @throws as `writing` */
  async drop(sessionId: string): Promise<void> {
    await writing(this.#people.deleteMany({ sessionId }).exec());
    await writing(this.#invites.deleteMany({ sessionId }).exec());
  }
}

/** An upsert that meets what is not earlier tries to insert it again, under the same id. */
async function unlessLater(upsert: PromiseLike<unknown>): Promise<void> {
  try {
    await writing(upsert);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}

/** What a former program could not note counts as nothing. */
function personOf({ userId, facts }: PersonDocument): PersonRow {
  return { userId, ...NOTHING_KNOWN, ...facts };
}

function noted(invite: Invite | undefined): Invite | null {
  return invite === undefined ? null : { ...NOT_NOTED, ...invite };
}

/** One text for both, whatever is in them. */
function idOf(sessionId: string, userId: string): string {
  return JSON.stringify([sessionId, userId]);
}
