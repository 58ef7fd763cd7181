import type { Status } from "../../core/session.ts";
import type { EndedSession, Page, SessionRow, Sessions } from "../../ports/sessions.ts";
import { newestFirst, pageOf, positionOf } from "../cursor.ts";
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
    return this.#backing.invites.get(tokenHash);
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
