import type { FormerMember } from "../../ports/campaigns.ts";
import type { StoredDataDamaged } from "../../ports/failures.ts";
import type { SessionRow } from "../../ports/sessions.ts";
import type { Stores } from "../../ports/stores.ts";
import { exportSession } from "./export-session.ts";
import { LineFile } from "./line-file.ts";
import { FILE_FORMAT, type Line } from "./lines.ts";

const SESSIONS = 100;
const FORMER_MEMBERS = 1_000;

/** There is no such campaign. */
export class UnknownCampaign extends Error {
  override readonly name = "UnknownCampaign";
}

/** What was written, or read. */
export interface Counts {
  readonly sessions: number;
  readonly records: number;
}

/**
 * Writes a campaign with all its sessions into a new file, which is there whole or not at all. Holds a page of records and a
 * session's state in memory, however large the campaign is.
 * @param program its version
 * @param onDamaged told of a snapshot that cannot be used and is not needed either
 * @throws UnknownCampaign, CannotWriteFile, StoredDataDamaged naming session and position, StoreUnavailable
 */
export async function exportCampaign(
  campaignId: string,
  { stores, path, program }: { readonly stores: Stores; readonly path: string; readonly program: string },
  onDamaged: (problem: StoredDataDamaged) => void,
): Promise<Counts> {
  const campaign = await stores.campaigns.find(campaignId);
  if (campaign === undefined) throw new UnknownCampaign(`there is no campaign ${campaignId}`);
  const file = await LineFile.create(path);
  try {
    await file.write({ type: "campaign-export", format: FILE_FORMAT, program });
    const { id, name, createdAt, members, removals } = campaign;
    await write(file, { type: "campaign", id, name, createdAt, members: [...members], removals });
    // One who is taken out just now is numbered beyond `removals`: that is after what this file tells.
    for await (const former of formerMembersOf(campaignId, stores)) {
      if (former.removal <= removals) await write(file, { type: "former-member", ...former });
    }
    let [sessions, records] = [0, 0];
    for await (const { sessionId } of sessionsOf(campaignId, stores)) {
      records += await exportSession(sessionId, stores, file, onDamaged);
      sessions += 1;
    }
    await write(file, { type: "end", sessions, records, sha256: await file.sha256() });
    await file.finish();
    return { sessions, records };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

function write(file: LineFile, line: Line): Promise<void> {
  return file.write(line);
}

async function* formerMembersOf(campaignId: string, { campaigns }: Stores): AsyncGenerator<FormerMember> {
  for (let after = ""; ; ) {
    const page = await campaigns.formerMembers(campaignId, after, FORMER_MEMBERS);
    yield* page;
    if (page.length < FORMER_MEMBERS) return;
    after = page.at(-1)!.userId;
  }
}

async function* sessionsOf(campaignId: string, stores: Stores): AsyncGenerator<SessionRow> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Stores["sessions"]["list"]>> = await stores.sessions.list(campaignId, {
      limit: SESSIONS,
      ...(cursor === null ? {} : { cursor }),
    });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
