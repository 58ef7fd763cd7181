import { admit, rename } from "./attendance.ts";
import { foldKnock, knockerJoined, knockerRemoved, openDoor, waiting } from "./knock-fold.ts";
import type { RecordContent } from "./record.ts";
import { mergeSettings } from "./settings.ts";
import type { SessionState } from "./state.ts";

/** What viewers are shown of one place: a participant, and a row of `connections`. */
const OBJECTS_PER_PLACE = 2;

type Content<K extends RecordContent["kind"]> = Extract<RecordContent, { kind: K }>;

/** What a record's content does to a session. It was looked at before (`misfitOf`): here it applies as a whole. */
export function fold(state: SessionState, content: RecordContent, at: number): void {
  switch (content.kind) {
    case "created":
      foldCreated(state, content, at);
      return;
    case "opened":
      state.process = content.process;
      // This host shows everything anew: each entry, each knock, and for each place two.
      state.firstObjectId = state.nextObjectId;
      state.nextObjectId += state.entries.size + OBJECTS_PER_PLACE * state.places.size + waiting(state).length;
      return;
    case "commands":
      for (const command of content.commands) state.applyCommand(command);
      return;
    case "status":
      foldStatus(state, content, at);
      return;
    case "place":
      foldPlace(state, content.change);
      return;
    case "settings":
      state.title = content.title ?? state.title;
      state.maxParticipants = content.maxParticipants ?? state.maxParticipants;
      if (content.settings?.admission === "open") openDoor(state);
      state.settings = mergeSettings(state.settings, content.settings ?? {});
      return;
    case "invite":
      foldInvite(state, content.change, at);
      return;
    case "knock":
      foldKnock(state, content.change, at);
      return;
    case "forgotten":
      state.entries.clear();
      state.answers.clear();
      return;
    case "audit":
      return;
    default:
      content satisfies never;
  }
}

function foldCreated(state: SessionState, content: Content<"created">, at: number): void {
  state.campaignId = content.campaignId;
  state.title = content.title;
  state.maxParticipants = content.maxParticipants;
  state.settings = content.settings;
  state.createdBy = content.createdBy;
  state.createdAt = at;
  state.statusSince = at;
  state.statusBy = content.createdBy;
  for (const [path, value, by] of content.continued ?? []) {
    state.entries.put(path, { value, version: 1, by });
    state.seq = 1;
  }
}

function foldStatus(state: SessionState, { status, by, reason }: Content<"status">, at: number): void {
  const passedMs = Math.max(0, at - state.statusSince);
  if (state.status === "live") state.liveMs += passedMs;
  if (state.status === "paused") state.pausedMs += passedMs;
  state.status = status;
  state.statusSince = at;
  state.statusBy = by;
  state.statusReason = reason;
  if (status === "live") state.startedAt ??= at;
  if (status === "ended") {
    state.endedAt = at;
    state.places.clear();
    state.knocks.clear();
    state.answers.allPlacesEnded();
  }
}

function foldPlace(state: SessionState, change: Content<"place">["change"]): void {
  switch (change.what) {
    case "joined":
      state.places.set(change.place.userId, change.place);
      state.answers.placeTaken(change.place.userId);
      state.nextObjectId += OBJECTS_PER_PLACE;
      admit(state.attendance, change.place);
      knockerJoined(state, change.place.userId);
      if (change.inviteId !== null) cameBy(state, change.inviteId, change.place.userId);
      return;
    case "left":
      endPlace(state, change.userId);
      return;
    case "removed":
      endPlace(state, change.userId);
      knockerRemoved(state, change.userId, change.ban);
      if (change.ban) state.banned.add(change.userId);
      return;
    case "unbanned":
      state.banned.delete(change.userId);
      return;
    case "role": {
      const place = state.places.get(change.userId);
      if (place === undefined) return; // no place, no role in this session
      const { role, name, via } = change;
      state.places.set(change.userId, { ...place, role, name, via });
      rename(state.attendance, change.userId, change);
      return;
    }
    default:
      change satisfies never;
  }
}

function endPlace({ places, answers }: SessionState, userId: string): void {
  places.delete(userId);
  answers.placeEnded(userId);
}

/** The invite that somebody is in by from now on; counted as a use of it once per person. */
function cameBy(state: SessionState, inviteId: string, userId: string): void {
  const invite = state.invites.get(inviteId)!;
  const used = state.invitees.get(userId)?.used ?? [];
  const isCounted = used.includes(inviteId);
  state.invitees.set(userId, { inviteId, role: invite.role, used: isCounted ? used : [...used, inviteId] });
  if (!isCounted) state.invites.set(inviteId, { ...invite, uses: invite.uses + 1 });
}

function foldInvite(state: SessionState, change: Content<"invite">["change"], at: number): void {
  if (change.what === "created") {
    state.invites.set(change.invite.id, change.invite);
    return;
  }
  const invite = state.invites.get(change.inviteId)!;
  // The first revocation is the one that counts.
  if (invite.revokedAt === null) state.invites.set(invite.id, { ...invite, revokedAt: at });
}
