import { inviteIdsOf, NOTHING_KNOWN } from "../../core/access-list.ts";
import type { Invite, Status } from "../../core/session.ts";
import { keptSettings } from "../../core/settings.ts";
import type { KeptAccess } from "../../ports/archive.ts";
import type { Projection } from "../../ports/log.ts";
import type { AccessRows, EndedSession, Page, SessionAccess, SessionRow, Sessions } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import { MongoAccess } from "./access.ts";
import { isDuplicate, reading, writing } from "./answer.ts";
import { olderThan } from "./list-query.ts";
import type { Models, SessionDocument } from "./models.ts";

/** Look-ups over the rows and invites that appends project, and the writing of them. */
export class MongoSessions implements Sessions {
  readonly #sessions: Models["sessions"];
  readonly #access: MongoAccess;

  constructor(models: Models) {
    this.#sessions = models.sessions;
    this.#access = new MongoAccess(models);
  }

  async find(sessionId: string): Promise<SessionRow | undefined> {
    const found = await reading(this.#sessions.findById(sessionId).lean<SessionDocument>().exec());
    return found === null ? undefined : rowOf(found);
  }

  async list(
    campaignId: string,
    { status, limit, cursor }: { readonly status?: Status; readonly limit: number; readonly cursor?: string },
  ): Promise<Page<SessionRow>> {
    const after = cursor === undefined ? {} : olderThan(positionOf(cursor));
    const which = { campaignId, ...(status === undefined ? {} : { status }), ...after };
    const query = this.#sessions
      .find(which)
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1);
    const rows = (await reading(query.lean<SessionDocument[]>().exec())).map(rowOf);
    return pageOf(rows, limit, (row) => ({ createdAt: row.createdAt, id: row.sessionId }));
  }

  async findByInvite(tokenHash: string): Promise<string | undefined> {
    return (await this.#access.lookup(tokenHash))?.sessionId;
  }

  async access(sessionId: string, userId: string, inviteHash?: string): Promise<SessionAccess | undefined> {
    // All at once: that there is no such session is not to be told by the time.
    const [found, person, brought] = await Promise.all([
      reading(this.#sessions.findById(sessionId).lean<SessionDocument>().exec()),
      this.#access.person(sessionId, userId),
      inviteHash === undefined ? undefined : this.#access.lookup(inviteHash),
    ]);
    if (found === null) return undefined;
    const invites: Invite[] = [];
    for (const inviteId of new Set(Object.values(inviteIdsOf(person ?? NOTHING_KNOWN)))) {
      const theirs = inviteId === null ? undefined : await this.#access.inviteById(sessionId, inviteId);
      if (theirs !== undefined) invites.push(theirs);
    }
    if (brought?.sessionId === sessionId && brought.invite !== null) invites.push(brought.invite);
    return { row: rowOf(found), isLearned: found.learned === true, person, invites };
  }

  invitesOf(sessionId: string): Promise<Invite[]> {
    return this.#access.invitesOf(sessionId);
  }

  async unlearned(after: string, limit: number): Promise<string[]> {
    const query = this.#sessions
      .find({ learned: null, _id: { $gt: after } }, { _id: 1 })
      .sort({ _id: 1 })
      .limit(limit);
    return (await reading(query.lean<Pick<SessionDocument, "_id">[]>().exec())).map(({ _id }) => _id);
  }

  async learn(sessionId: string, rows: AccessRows, pos: number): Promise<void> {
    if ((await this.find(sessionId)) === undefined) return;
    await this.#access.put(sessionId, rows, pos);
    // Last: until it is noted, whoever asks learns it anew.
    await writing(this.#sessions.updateOne({ _id: sessionId }, { $set: { learned: true } }).exec());
  }

  /** What is kept of a session's people and invites. @throws StoreUnavailable */
  async keptAccess(sessionId: string): Promise<KeptAccess> {
    const [found, kept] = await Promise.all([
      reading(this.#sessions.findById(sessionId).lean<SessionDocument>().exec()),
      this.#access.kept(sessionId),
    ]);
    return { isLearned: found?.learned === true, ...kept };
  }

  /** Stores what follows from the record at `pos`. What was stored of a later one stays. @throws as `writing` */
  async project({ row, access, isWhole = false }: Projection, sessionId: string, pos: number): Promise<void> {
    if (access !== undefined) await this.#access.put(sessionId, access, pos);
    // Last, with the note that nothing is missing.
    if (row !== undefined) await this.#putRow(row, pos, isWhole);
  }

  async endedWithContent(endedBy: number, limit: number, after?: EndedSession): Promise<EndedSession[]> {
    const behind =
      after === undefined
        ? {}
        : { $or: [{ endedAt: { $gt: after.endedAt } }, { endedAt: after.endedAt, _id: { $gt: after.sessionId } }] };
    // `$lte` a number is true of numbers alone, so that what has not ended is not among them; `null` is true of what is absent.
    const query = this.#sessions
      .find({ contentGone: null, endedAt: { $lte: endedBy }, ...behind }, { endedAt: 1 })
      .sort({ endedAt: 1, _id: 1 })
      .limit(limit);
    const found = await reading(query.lean<Pick<SessionDocument, "_id" | "endedAt">[]>().exec());
    return found.flatMap(({ _id, endedAt }) => (endedAt === null ? [] : [{ sessionId: _id, endedAt }]));
  }

  async liveWithAutoPause(after: string, limit: number): Promise<string[]> {
    const query = this.#sessions
      .find({ status: "live", "settings.autoPauseWhenNoGm": { $gt: 0 }, _id: { $gt: after } }, { _id: 1 })
      .sort({ _id: 1 })
      .limit(limit);
    return (await reading(query.lean<Pick<SessionDocument, "_id">[]>().exec())).map(({ _id }) => _id);
  }

  async contentGone(sessionId: string): Promise<void> {
    await writing(this.#sessions.updateOne({ _id: sessionId }, { $set: { contentGone: true } }).exec());
  }

  /** Stores the row that holds after the record at `pos`, unless a later one is there. @throws as `writing` */
  async #putRow(row: SessionRow, pos: number, isLearned: boolean): Promise<void> {
    const { sessionId, ...fields } = row;
    const earlier = { _id: sessionId, pos: { $lt: pos } };
    const update = { $set: { ...fields, pos, ...(isLearned ? { learned: true as const } : {}) } };
    try {
      await writing(this.#sessions.updateOne(earlier, update, { upsert: true, runValidators: true }).exec());
    } catch (error) {
      // There is a row, and it is not earlier; or two came first at once, and the record of the later one mends it.
      if (!isDuplicate(error)) throw error;
      const again = await writing(this.#sessions.updateOne(earlier, update, { runValidators: true }).exec());
      if (again.matchedCount === 0) return;
    }
  }

  /** Makes a session's row, people and invites these, whatever they were. @throws as `writing` */
  async replace(sessionId: string, row: SessionRow | null, access: AccessRows, pos: number): Promise<void> {
    await this.#access.drop(sessionId);
    await this.#access.put(sessionId, access, pos);
    if (row === null) {
      await writing(this.#sessions.deleteOne({ _id: sessionId }).exec());
      return;
    }
    const { sessionId: _, ...fields } = row;
    const update = { $set: { ...fields, pos, learned: true as const } };
    await writing(this.#sessions.updateOne({ _id: sessionId }, update, { upsert: true, runValidators: true }).exec());
  }
}

function rowOf({ _id, pos: _, contentGone: __, learned: ___, ...row }: SessionDocument): SessionRow {
  return { sessionId: _id, ...row, settings: keptSettings(row.settings) };
}
