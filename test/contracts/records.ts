import { NOTHING_KNOWN } from "../../src/core/access-list.ts";
import { type AuditEvent, type CommittedCommand, type LogRecord, RECORD_FORMAT } from "../../src/core/record.ts";
import type { Invite } from "../../src/core/session.ts";
import type { AccessRows, PersonRow, SessionRow } from "../../src/ports/sessions.ts";

/** A record of the kind `audit`, or as said. Ids tell writers apart: `<writer>-<pos>`. */
export function recordAt(pos: number, more: Partial<LogRecord> & { readonly writer?: string } = {}): LogRecord {
  const { writer = "w", ...rest } = more;
  return {
    v: RECORD_FORMAT,
    sessionId: "s1",
    pos,
    id: `${writer}-${pos}`,
    epoch: 1,
    at: 1_700_000_000_000 + pos,
    content: { kind: "audit" },
    audit: [],
    ...rest,
  };
}

/** A record with the commands of the given seqs. */
export function commandsAt(pos: number, seqs: readonly number[], more: Parameters<typeof recordAt>[1] = {}): LogRecord {
  const commands = seqs.map(
    (seq): CommittedCommand => ({
      seq,
      at: 1_700_000_000_000 + seq,
      userId: "kim",
      id: `c${seq}`,
      action: "set",
      changes: [[`shared/n${seq}`, JSON.stringify(seq)]],
    }),
  );
  return recordAt(pos, { content: { kind: "commands", commands }, ...more });
}

/** An audit event as the chain makes it; the hashes are not looked at by stores. */
export function eventNumber(n: number): AuditEvent {
  return {
    n,
    at: new Date(1_700_000_000_000 + n).toISOString(),
    kind: "participant.idle",
    actor: { userId: "kim", via: "member" },
    data: { n },
    prev: "0".repeat(64),
    hash: n.toString(16).padStart(64, "0"),
  };
}

export function sessionRow(sessionId: string, more: Partial<SessionRow> = {}): SessionRow {
  return {
    sessionId,
    campaignId: "c1",
    title: "The Sunless Citadel",
    status: "created",
    maxParticipants: 8,
    settings: {
      reconnectWindow: 60,
      idleAfter: 120,
      snapshotEvery: 30,
      activityTimeout: 5,
      autoPauseWhenNoGm: 0,
      connectionsPerParticipant: 3,
      admission: "open",
    },
    createdBy: "kim",
    createdAt: 1_700_000_000_000,
    startedAt: null,
    endedAt: null,
    ...more,
  };
}

/** An invite of a session, by the name of its token's hash. */
export function inviteOf(tokenHash: string, more: Partial<Invite> = {}): Invite {
  const plain = {
    role: "player",
    label: null,
    maxUses: 3,
    uses: 0,
    revokedAt: null,
    createdBy: "kim",
    removalsBefore: 2,
  } as const;
  const times = { createdAt: 1_700_000_000_000, expiresAt: 1_800_000_000_000 };
  return { id: `id of ${tokenHash}`, ...plain, ...times, tokenHash, ...more };
}

export function personRow(userId: string, more: Partial<PersonRow> = {}): PersonRow {
  return { userId, ...NOTHING_KNOWN, ...more };
}

/** People and invites that a record brings; `invites` by the hashes of their tokens. */
export function accessRows({ people = [], invites = [] }: { people?: PersonRow[]; invites?: string[] }): AccessRows {
  return { people, invites: invites.map((tokenHash) => inviteOf(tokenHash)) };
}

/** Names that stores have stumbled over: quotes, NUL, other planes, combining marks, key words, length. */
export const AWKWARD_NAMES: readonly string[] = [
  `Robert'); DROP TABLE log;--`,
  `"quoted" \`back\` \\slash`,
  "nul\0inside",
  "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🐉 e\u0301 \u202e",
  "__proto__",
  "%_?:$1",
  " ",
  "é".repeat(5000),
];
