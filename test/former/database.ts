import type { mongo } from "mongoose";
import { type Format, RECORDS, SESSION, SNAPSHOTS, TOKEN_HASH } from "./evening.ts";

/** Every format in which there may be documents of the log; 0: those without a number. */
export const FORMER_DOCUMENTS = [0, 1, 2] as const;

/** What a database holds. */
export interface FormerDatabase {
  readonly document: (typeof FORMER_DOCUMENTS)[number];
  /** of its records and snapshots */
  readonly format: Format;
  /** 0: the log is whole */
  readonly trimmedThrough?: number;
}

/** Appends of former programs, by their first and last position: alone, and several that shared a document. */
const APPENDS = [
  [1, 1],
  [2, 3],
  [4, 4],
  [5, 7],
  [8, 10],
  [11, 11],
  [12, 12],
] as const;

type Documents = readonly { readonly _id?: string; readonly [field: string]: unknown }[];

/** Writes the evening into an empty database as a former program left it. */
export async function writeFormerDatabase(db: mongo.Db, former: FormerDatabase): Promise<void> {
  const put = (collection: string, documents: Documents) =>
    db.collection<{ _id?: string }>(collection).insertMany(documents as never);
  const { document, format, trimmedThrough = 0 } = former;
  await put(
    "log",
    APPENDS.map(([first, last]) => logDocument(former, first, last)),
  );
  if (trimmedThrough > 0) await put("trims", [{ _id: SESSION, through: trimmedThrough, cleared: trimmedThrough }]);
  for (const [i, { pos, text, sha256 }] of SNAPSHOTS.entries()) {
    const bytes = Buffer.from(text[format], "utf8");
    const parts = [bytes.subarray(0, 700), bytes.subarray(700)];
    const head = { sessionId: SESSION, whole: `save-${i}`, at: 1_700_000_740_000 };
    await put(
      "snapshot_parts",
      parts.map((bytes, n) => ({ _id: `save-${i}-${n}`, ...head, bytes })),
    );
    await put("snapshots", [{ sessionId: SESSION, pos, sha256: sha256[format], saveId: `save-${i}`, parts: 2 }]);
  }
  const settings = { reconnectWindow: 60, idleAfter: 300, snapshotEvery: 30, activityTimeout: 5 };
  await put("sessions", [
    {
      _id: SESSION,
      pos: 12,
      campaignId: "campaign",
      title: "The Sunless Citadel, level 2",
      status: "paused",
      maxParticipants: 8,
      settings: { ...settings, autoPauseWhenNoGm: 0, connectionsPerParticipant: 3 },
      createdBy: "gm",
      createdAt: 1_700_000_060_000,
      startedAt: 1_700_000_180_000,
      endedAt: null,
    },
  ]);
  await put("invites", [{ _id: TOKEN_HASH, sessionId: SESSION }]);
  const members = [
    { userId: "gm", name: "Gail", role: "gm" },
    { userId: "kim", name: null, role: "player" },
  ];
  await put("campaigns", [{ _id: "campaign", name: "Campaign", createdAt: 1_700_000_000_000, members, revision: 2 }]);
  await put("leases", [{ _id: SESSION, processId: "former-life", epoch: 1 }]);
  await put("beats", [{ _id: "former-life", beatAt: 1_700_000_750_000 }]);
  if (document > 0) await put("facts", [{ _id: "format", value: document }]);
}

function logDocument({ document, format, trimmedThrough = 0 }: FormerDatabase, first: number, last: number) {
  const records = RECORDS.slice(first - 1, last);
  const heads = records.map(({ id, epoch, at, kind, audit, traces, crc32 }) => ({
    ...{ id, epoch, at, kind },
    ...(audit === null ? {} : { audit }),
    ...(traces === null ? {} : { traces }),
    ...(document >= 2 ? { crc32: crc32[format] } : {}),
  }));
  const lastN = records.findLast(({ numbers }) => numbers[1] !== null)?.numbers[1];
  const lastSeq = records.findLast(({ numbers }) => numbers[3] !== null)?.numbers[3];
  return {
    ...(document === 0 ? {} : { v: document }),
    sessionId: SESSION,
    pos: first,
    lastPos: last,
    records: heads,
    ...(last > trimmedThrough ? { bodies: records.map(({ content }) => content[format]) } : {}),
    ...(lastN === undefined ? {} : { lastN }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
  };
}
