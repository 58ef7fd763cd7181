import { isObject, type Stored } from "./upgrade.ts";

/**
 * Format 0 of records and snapshots: of the builds that wrote no format yet. It is format 1 without the number, and may
 * lack what the contract gives a default. The defaults are those of its time, hence not those of `settings.ts`.
 */
const SETTINGS = {
  reconnectWindow: 60,
  idleAfter: 120,
  snapshotEvery: 30,
  activityTimeout: 5,
  autoPauseWhenNoGm: 0,
  connectionsPerParticipant: 3,
};
const MAX_PARTICIPANTS = 8;
const INVITE = { role: "player", label: null, maxUses: 1, uses: 0, revokedAt: null };

/** A record's body of format 0 in format 1. */
export function recordFromUnversioned(body: Stored): Stored {
  return isObject(body.content) ? { ...body, content: contentFrom(body.content) } : body;
}

/** A snapshot of format 0 in format 1. */
export function snapshotFromUnversioned(snapshot: Stored): Stored {
  const invites = Array.isArray(snapshot.invites) ? snapshot.invites : [];
  return {
    maxParticipants: MAX_PARTICIPANTS,
    statusReason: "",
    ...snapshot,
    settings: { ...SETTINGS, ...asObject(snapshot.settings) },
    invites: invites.map((invite) => ({ ...INVITE, ...asObject(invite) })),
  };
}

function contentFrom(content: Stored): Stored {
  switch (content.kind) {
    case "created":
      return {
        maxParticipants: MAX_PARTICIPANTS,
        ...content,
        settings: { ...SETTINGS, ...asObject(content.settings) },
      };
    case "status":
      return { reason: "", ...content };
    case "place":
      return { ...content, change: placeChangeFrom(asObject(content.change)) };
    case "invite":
      return { ...content, change: inviteChangeFrom(asObject(content.change)) };
    default:
      return content;
  }
}

function placeChangeFrom(change: Stored): Stored {
  if (change.what === "joined") return { inviteId: null, ...change };
  if (change.what === "removed") return { ban: false, ...change };
  return change;
}

function inviteChangeFrom(change: Stored): Stored {
  return change.what === "created" ? { ...change, invite: { ...INVITE, ...asObject(change.invite) } } : change;
}

/** What is missing has nothing in it. */
function asObject(stored: unknown): Stored {
  return isObject(stored) ? stored : {};
}
