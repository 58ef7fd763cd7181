import type { Status } from "../../core/session.ts";
import type { Page, SessionRow, Sessions } from "../../ports/sessions.ts";
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
}

function placeOf(row: SessionRow) {
  return { createdAt: row.createdAt, id: row.sessionId };
}
