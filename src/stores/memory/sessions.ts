import { inviteIdsOf, NOTHING_KNOWN } from "../../core/access-list.ts";
import type { Invite, Status } from "../../core/session.ts";
import type { AccessRows, EndedSession, Page, SessionAccess, SessionRow, Sessions } from "../../ports/sessions.ts";
import { newestFirst, pageOf, positionOf } from "../cursor.ts";
import { inOrder } from "../invite-order.ts";
import { putAccess } from "./access.ts";
import type { MemoryBacking } from "./backing.ts";

/** Look-ups over the rows that `MemoryLog.append` projects. */
export class MemorySessions implements Sessions {
  readonly #backing: MemoryBacking;

  constructor(backing: MemoryBacking) {
    this.#backing = backing;
  }

  async find(sessionId: string): Promise<SessionRow | undefined> {
    return structuredClone(this.#backing.rows.get(sessionId));
  }

  async list(
    campaignId: string,
    query: { readonly status?: Status; readonly limit: number; readonly cursor?: string },
  ): Promise<Page<SessionRow>> {
    const after = query.cursor === undefined ? undefined : positionOf(query.cursor);
    const rows = [...this.#backing.rows.values()]
      .filter((row) => row.campaignId === campaignId && (query.status ?? row.status) === row.status)
      .filter((row) => after === undefined || newestFirst(placeOf(row), after) > 0)
      .sort((a, b) => newestFirst(placeOf(a), placeOf(b)));
    return pageOf(structuredClone(rows.slice(0, query.limit + 1)), query.limit, placeOf);
  }

  async findByInvite(tokenHash: string): Promise<string | undefined> {
    return this.#backing.invites.get(tokenHash)?.sessionId;
  }

  async access(sessionId: string, userId: string, inviteHash?: string): Promise<SessionAccess | undefined> {
    const { rows, people, learned } = this.#backing;
    const row = rows.get(sessionId);
    if (row === undefined) return undefined;
    const facts = people.get(sessionId)?.get(userId)?.facts;
    const { invitee, knock } = inviteIdsOf(facts ?? NOTHING_KNOWN);
    const concerned = (await this.invitesOf(sessionId)).filter(
      ({ id, tokenHash }) => id === invitee || id === knock || tokenHash === inviteHash,
    );
    return structuredClone({
      row,
      isLearned: learned.has(sessionId),
      person: facts && { userId, ...facts },
      invites: concerned,
    });
  }

  async invitesOf(sessionId: string): Promise<Invite[]> {
    const found = [...this.#backing.invites.values()].flatMap((stored) =>
      stored.sessionId === sessionId && stored.invite !== null ? [stored.invite] : [],
    );
    return structuredClone(found.sort(inOrder));
  }

  async unlearned(after: string, limit: number): Promise<string[]> {
    const { rows, learned } = this.#backing;
    return [...rows.keys()]
      .filter((sessionId) => sessionId > after && !learned.has(sessionId))
      .sort()
      .slice(0, limit);
  }

  async learn(sessionId: string, access: AccessRows, pos: number): Promise<void> {
    if (!this.#backing.rows.has(sessionId)) return;
    putAccess(this.#backing, sessionId, access, pos);
    this.#backing.learned.add(sessionId);
  }

  async endedWithContent(endedBy: number, limit: number, after?: EndedSession): Promise<EndedSession[]> {
    const ended = [...this.#backing.rows.values()].flatMap(({ sessionId, endedAt }) =>
      endedAt === null || endedAt > endedBy || this.#backing.contentGone.has(sessionId) ? [] : [{ sessionId, endedAt }],
    );
    const found = ended.filter((one) => after === undefined || firstEnded(one, after) > 0).sort(firstEnded);
    return found.slice(0, limit);
  }

  async liveWithAutoPause(after: string, limit: number): Promise<string[]> {
    const found = [...this.#backing.rows.values()].filter(
      ({ sessionId, status, settings }) => status === "live" && settings.autoPauseWhenNoGm > 0 && sessionId > after,
    );
    return found
      .map(({ sessionId }) => sessionId)
      .sort()
      .slice(0, limit);
  }

  async contentGone(sessionId: string): Promise<void> {
    this.#backing.contentGone.add(sessionId);
  }
}

function placeOf(row: SessionRow) {
  return { createdAt: row.createdAt, id: row.sessionId };
}

function firstEnded(a: EndedSession, b: EndedSession): number {
  if (a.endedAt !== b.endedAt) return a.endedAt - b.endedAt;
  return a.sessionId < b.sessionId ? -1 : Number(a.sessionId > b.sessionId);
}
