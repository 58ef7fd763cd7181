import { restore } from "../../live/restore.ts";
import { accessRowsOf, rowOf } from "../../live/row.ts";
import type { KeptRecord } from "../../ports/archive.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import type { Leases, ProcessBeat } from "../../ports/leases.ts";
import type { Stores } from "../../ports/stores.ts";
import { checkFile } from "./check-file.ts";
import type { Counts } from "./export-campaign.ts";
import { differences, figuresOf } from "./figures.ts";
import type { SessionEndLine } from "./lines.ts";
import { readCampaignFile } from "./read-file.ts";

const RECORDS = 200;
const PAGE_CHARACTERS = 4 * 1024 * 1024;

/** What came out of the target store is not what went into the file. */
export class NotTheSame extends Error {
  override readonly name = "NotTheSame";
}

/**
 * Puts a campaign's file into a store. The whole file is checked before anything is written; then come the sessions' records and
 * snapshots, then each is restored from the store and compared with what the file says of it, and becomes one that can be
 * found; the campaign, without which nobody sees any of it, comes last. Broken off anywhere, it can be run again.
 * @param tell a line per session
 * @throws BadCampaignFile, Refused (nothing is changed), NotTheSame, StoreUnavailable, OutcomeUnknown
 */
export async function importCampaign(path: string, stores: Stores, tell: (line: string) => void): Promise<Counts> {
  const { campaign, former, sessions, records } = await checkFile(path, stores);
  await writeSessions(path, stores);
  for (const session of sessions) {
    await settle(session, stores);
    const { sessionId, seq, auditCount, digest, auditHead } = session;
    tell(`session ${sessionId}: seq ${seq}, digest ${digest}, ${auditCount} audit events, head ${auditHead}`);
  }
  await stores.campaigns.create({ ...campaign, former });
  return { sessions: sessions.length, records };
}

/** Puts records and snapshots where they belong; what an earlier run put there stays. */
async function writeSessions(path: string, { archive, snapshots, leases }: Stores): Promise<void> {
  let sessionId = "";
  let page: KeptRecord[] = [];
  let characters = 0;
  const flush = async () => {
    await archive.putRecords(sessionId, page);
    [page, characters] = [[], 0];
  };
  for await (const told of readCampaignFile(path)) {
    switch (told.type) {
      case "session":
        sessionId = told.sessionId;
        break;
      case "snapshot":
        await snapshots.save({ sessionId, pos: told.pos, sha256: told.sha256, text: told.text });
        break;
      case "record": {
        const { type: _, ...record } = told;
        page.push(record);
        characters += JSON.stringify(record.body).length;
        if (page.length === RECORDS || characters > PAGE_CHARACTERS) await flush();
        break;
      }
      case "session-end":
        await flush();
        // By it the next host knows until when people were there.
        if (told.lastBeat !== null) await noteFormerHost(told.lastBeat, leases);
        break;
      case "campaign":
      case "former-member":
      case "end":
        break;
      default:
        told satisfies never;
    }
  }
}

/** Restores a session, compares it with what it was, and makes its row and its look-ups. @throws NotTheSame */
async function settle(session: SessionEndLine, stores: Stores): Promise<void> {
  const { sessionId } = session;
  const damage: string[] = [];
  const restored = await restore(sessionId, stores, ({ message }) => damage.push(message)).catch((error: unknown) => {
    if (error instanceof StoredDataDamaged) return undefined;
    throw error;
  });
  if (restored === undefined || damage.length > 0) {
    throw new NotTheSame(`session ${sessionId} cannot be restored from the store: ${damage.join("; ")}`);
  }
  const different = differences(session, figuresOf(restored.state));
  if (different.length > 0) {
    throw new NotTheSame(`session ${sessionId} is not what it was: ${different.join(", ")} differ`);
  }
  await stores.archive.project(sessionId, rowOf(restored.state), accessRowsOf(restored.state), restored.state.pos);
}

/** The host of another database's session is none of the processes that share this one. */
async function noteFormerHost(lastBeat: Pick<ProcessBeat, "processId" | "beatAt">, leases: Leases): Promise<void> {
  const { processId, beatAt } = lastBeat;
  if ((await leases.lastBeat(processId)) !== undefined) return;
  const alone = { startedAt: beatAt, internalUrl: null, publicAddress: null, isDraining: false };
  await leases.beat({ processId, beatAt, ...alone, version: "", sessions: 0, connections: 0 });
  await leases.retire(processId);
}
