import { isDeepStrictEqual } from "node:util";
import type { DamagedRecord, KeptRecord } from "../../ports/archive.ts";
import type { Campaign, FormerMember } from "../../ports/campaigns.ts";
import { StoredDataDamaged } from "../../ports/failures.ts";
import type { Stores } from "../../ports/stores.ts";
import { differences, figuresOf } from "./figures.ts";
import type { CampaignLine, RecordLine, SessionEndLine, SessionLine } from "./lines.ts";
import { BadCampaignFile, readCampaignFile } from "./read-file.ts";
import { SessionCheck } from "./session-check.ts";

const RECORDS = 200;

/** What stands in the store does not go together with the file. Nothing was changed. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** A file that was found good, and that can be put into the store. */
export interface GoodFile {
  readonly campaign: Campaign;
  readonly former: readonly FormerMember[];
  /** what the file says of each session at its end */
  readonly sessions: readonly SessionEndLine[];
  readonly records: number;
}

/**
 * Checks a whole file, and that the store has nothing that it would meet: neither its campaign, nor another session under an id
 * of its own, nor an invite of its own that leads to another session. Part of an earlier run of the same import is no other
 * session. Writes nothing.
 * @throws BadCampaignFile, Refused, StoreUnavailable
 */
export async function checkFile(path: string, stores: Stores): Promise<GoodFile> {
  let campaign: Campaign | undefined;
  const former: FormerMember[] = [];
  const sessions: SessionEndLine[] = [];
  const begun = new Set<string>();
  const links = new Links(stores);
  let session: OneSession | undefined;
  let records = 0;
  try {
    for await (const told of readCampaignFile(path)) {
      switch (told.type) {
        case "campaign":
          campaign = campaignOf(told);
          checkCampaign(campaign);
          if ((await stores.campaigns.find(told.id)) !== undefined) {
            throw new Refused(`the campaign ${told.id} is in this store already: nothing was changed`);
          }
          break;
        case "former-member":
          if (told.removal > (campaign?.removals ?? 0)) {
            throw new BadCampaignFile("somebody was taken out of the campaign by a removal that there was not");
          }
          former.push({ userId: told.userId, removal: told.removal });
          break;
        case "session":
          if (begun.has(told.sessionId)) {
            throw new BadCampaignFile(`the session ${told.sessionId} is there twice`);
          }
          begun.add(told.sessionId);
          session = await OneSession.begin(told, campaign?.id ?? "", stores);
          break;
        case "snapshot":
          session?.check.snapshot(told.pos, told.text, told.sha256);
          break;
        case "record":
          records += 1;
          session?.check.record(told);
          await session?.meet(told);
          break;
        case "session-end":
          session?.end(told);
          await links.take(told);
          sessions.push(told);
          break;
        case "end":
          if (told.sessions !== sessions.length || told.records !== records) {
            throw new BadCampaignFile("the file does not hold as many sessions and records as it says");
          }
          break;
        default:
          told satisfies never;
      }
    }
  } catch (error) {
    throw error instanceof StoredDataDamaged ? new BadCampaignFile(error.message) : error;
  }
  if (campaign === undefined) throw new BadCampaignFile("the file has no campaign");
  return { campaign, former, sessions, records };
}

function campaignOf({ id, name, createdAt, members, removals = 0 }: CampaignLine): Campaign {
  return { id, name, createdAt, members, removals };
}

function checkCampaign({ members }: Campaign): void {
  const people = new Set(members.map(({ userId }) => userId));
  if (people.size < members.length) throw new BadCampaignFile("somebody is a member of the campaign twice");
  if (!members.some(({ role }) => role === "gm")) throw new BadCampaignFile("nobody is GM of the campaign");
}

/** A session of the file, beside what the store has under its id. */
class OneSession {
  readonly check: SessionCheck;
  readonly #line: SessionLine;
  readonly #campaignId: string;
  /** of the store: the last position, and its records as they come */
  readonly #standingThrough: number;
  readonly #standing: AsyncGenerator<KeptRecord | DamagedRecord>;

  private constructor(line: SessionLine, campaignId: string, standingThrough: number, stores: Stores) {
    this.check = new SessionCheck(line.sessionId, line.trimmedThrough);
    this.#line = line;
    this.#campaignId = campaignId;
    this.#standingThrough = standingThrough;
    this.#standing = recordsOf(line.sessionId, stores);
  }

  /** @throws Refused where the store has a session of another campaign under that id, or one that goes on further */
  static async begin(line: SessionLine, campaignId: string, stores: Stores): Promise<OneSession> {
    const standingThrough = await stores.log.end(line.sessionId);
    const row = await stores.sessions.find(line.sessionId);
    const isAnothers = row !== undefined && row.campaignId !== campaignId;
    if (isAnothers || standingThrough > line.throughPos) throw refusal(line.sessionId);
    return new OneSession(line, campaignId, standingThrough, stores);
  }

  /**
   * The next record of the file meets what the store has at its position. Its id alone says little: whoever wrote the file
   * may have had it from this very store. @throws Refused
   */
  async meet({ type: _, ...record }: RecordLine): Promise<void> {
    if (record.pos > this.#standingThrough) return;
    const { value } = await this.#standing.next();
    // As JSON, for that is what a file can say.
    const isSame = value !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(value)), record);
    if (!isSame) throw refusal(this.#line.sessionId);
  }

  /** @throws StoredDataDamaged, BadCampaignFile */
  end(line: SessionEndLine): void {
    const { sessionId, throughPos } = this.#line;
    const state = this.check.finish(throughPos);
    const different = differences(line, figuresOf(state));
    const hashes = Array.from(state.invites.values(), ({ tokenHash }) => tokenHash);
    const isSame = line.sessionId === sessionId && line.inviteHashes.join() === hashes.join();
    if (different.length > 0 || !isSame || state.campaignId !== this.#campaignId) {
      throw new BadCampaignFile(`session ${sessionId}: it does not give what the file says of it at its end`);
    }
  }
}

/** Where the links of invites lead: each to one session, in the file and in the store alike. */
class Links {
  readonly #stores: Stores;
  /** of the file: sessions by the SHA-256 of the token */
  readonly #sessionOf = new Map<string, string>();

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /** @throws BadCampaignFile, Refused where an invite of this session leads to another one already */
  async take({ sessionId, inviteHashes }: SessionEndLine): Promise<void> {
    for (const hash of inviteHashes) {
      if (this.#sessionOf.has(hash)) {
        throw new BadCampaignFile(
          `session ${sessionId}: one invite leads to it and to another session, or twice to it`,
        );
      }
      this.#sessionOf.set(hash, sessionId);
      const standing = await this.#stores.sessions.findByInvite(hash);
      if (standing === undefined || standing === sessionId) continue;
      throw new Refused(
        `an invite of the session ${sessionId} is one of the session ${standing} of this store: nothing was changed`,
      );
    }
  }
}

function refusal(sessionId: string): Refused {
  return new Refused(`the session ${sessionId} is in this store already, with other records: nothing was changed`);
}

async function* recordsOf(
  sessionId: string,
  { archive }: Stores,
): AsyncGenerator<KeptRecord | DamagedRecord, undefined> {
  for (let pos = 0; ; ) {
    const page = await archive.records(sessionId, pos, RECORDS);
    if (page.length === 0) return;
    yield* page;
    pos = page.at(-1)!.pos;
  }
}
