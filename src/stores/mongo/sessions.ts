import type { Status } from "../../core/session.ts";
import type { EndedSession, Page, SessionRow, Sessions } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import { ANSWER_WITHIN_MS, isDuplicate, reading, writing } from "./answer.ts";
import { olderThan } from "./list-query.ts";
import type { Models, SessionDocument } from "./models.ts";

/** Look-ups over the rows and invites that appends project, and the writing of them. */
export class MongoSessions implements Sessions {
  readonly #sessions: Models["sessions"];
  readonly #invites: Models["invites"];

  constructor({ sessions, invites }: Models) {
    this.#sessions = sessions;
    this.#invites = invites;
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
    return (await reading(this.#invites.findById(tokenHash).lean().exec()))?.sessionId;
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
  async put(row: SessionRow, pos: number): Promise<void> {
    const { sessionId, ...fields } = row;
    const earlier = { _id: sessionId, pos: { $lt: pos } };
    const update = { $set: { ...fields, pos } };
    try {
      await writing(this.#sessions.updateOne(earlier, update, { upsert: true, runValidators: true }).exec());
    } catch (error) {
      // There is a row, and it is not earlier; or two came first at once, and the record of the later one mends it.
      if (!isDuplicate(error)) throw error;
      const again = await writing(this.#sessions.updateOne(earlier, update, { runValidators: true }).exec());
      if (again.matchedCount === 0) return;
    }
  }

  /** Lets tokens lead to a session. @throws as `writing` */
  async putInvites(tokenHashes: readonly string[], sessionId: string, ms: number): Promise<void> {
    const ask = (tokenHash: string) =>
      this.#invites.updateOne({ _id: tokenHash }, { $set: { sessionId } }, { upsert: true }).exec();
    await Promise.all(tokenHashes.map((tokenHash) => writing(ask(tokenHash), ms)));
  }

  /** Makes a session's row and look-ups these, whatever they were. @throws as `writing` */
  async replace(sessionId: string, row: SessionRow | null, tokenHashes: readonly string[], pos: number): Promise<void> {
    await writing(this.#invites.deleteMany({ sessionId, _id: { $nin: [...tokenHashes] } }).exec());
    await this.putInvites(tokenHashes, sessionId, ANSWER_WITHIN_MS);
    if (row === null) {
      await writing(this.#sessions.deleteOne({ _id: sessionId }).exec());
      return;
    }
    const { sessionId: _, ...fields } = row;
    const update = { $set: { ...fields, pos } };
    await writing(this.#sessions.updateOne({ _id: sessionId }, update, { upsert: true, runValidators: true }).exec());
  }

  /** The hashes of the tokens that lead to a session. @throws StoreUnavailable */
  async invitesTo(sessionId: string): Promise<string[]> {
    const found = await reading(this.#invites.find({ sessionId }, { _id: 1 }).lean().exec());
    return found.map(({ _id }) => _id);
  }

  /** Takes back look-ups whose record was certainly not stored. @throws as `writing` */
  async dropInvites(tokenHashes: readonly string[], sessionId: string): Promise<void> {
    await writing(this.#invites.deleteMany({ _id: { $in: [...tokenHashes] }, sessionId }).exec());
  }
}

function rowOf({ _id, pos: _, contentGone: __, ...row }: SessionDocument): SessionRow {
  return { sessionId: _id, ...row };
}
