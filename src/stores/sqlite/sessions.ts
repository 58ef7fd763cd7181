import type { Invite, Status } from "../../core/session.ts";
import type { AccessRows, EndedSession, Page, SessionAccess, SessionRow, Sessions } from "../../ports/sessions.ts";
import { pageOf, positionOf } from "../cursor.ts";
import { inOrder } from "../invite-order.ts";
import type { FileAccess } from "./file-access.ts";
import { BEFORE_NEWEST } from "./session-table.ts";

/** Look-ups over the rows that appends project. */
export class SqliteSessions implements Sessions {
  readonly #file: FileAccess;

  constructor(file: FileAccess) {
    this.#file = file;
  }

  async find(sessionId: string): Promise<SessionRow | undefined> {
    return this.#file.call("findSession", sessionId);
  }

  async list(
    campaignId: string,
    { status, limit, cursor }: { readonly status?: Status; readonly limit: number; readonly cursor?: string },
  ): Promise<Page<SessionRow>> {
    const after = cursor === undefined ? BEFORE_NEWEST : positionOf(cursor);
    const rows = await this.#file.call("listSessions", campaignId, status ?? null, after, limit + 1);
    return pageOf(rows, limit, (row) => ({ createdAt: row.createdAt, id: row.sessionId }));
  }

  async findByInvite(tokenHash: string): Promise<string | undefined> {
    return this.#file.call("findByInvite", tokenHash);
  }

  async access(sessionId: string, userId: string, inviteHash?: string): Promise<SessionAccess | undefined> {
    return this.#file.call("sessionAccess", sessionId, userId, inviteHash ?? null);
  }

  async invitesOf(sessionId: string): Promise<Invite[]> {
    const lookups = await this.#file.call("invitesOf", sessionId);
    return lookups.flatMap(({ invite }) => (invite === null ? [] : [invite])).sort(inOrder);
  }

  async unlearned(after: string, limit: number): Promise<string[]> {
    return this.#file.call("unlearned", after, limit);
  }

  async learn(sessionId: string, rows: AccessRows, pos: number): Promise<void> {
    await this.#file.call("learn", sessionId, rows, pos);
  }

  async endedWithContent(endedBy: number, limit: number, after?: EndedSession): Promise<EndedSession[]> {
    return this.#file.call("endedWithContent", endedBy, limit, after);
  }

  async liveWithAutoPause(after: string, limit: number): Promise<string[]> {
    return this.#file.call("liveWithAutoPause", after, limit);
  }

  async contentGone(sessionId: string): Promise<void> {
    await this.#file.call("contentGone", sessionId);
  }
}
