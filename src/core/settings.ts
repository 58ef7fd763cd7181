import { z } from "zod";
import type { Settings } from "./session.ts";
import { storedTextOf, textOf } from "./text.ts";

/** Contract section 2. Whole seconds, but for `connectionsPerParticipant`, a number of sockets, and `admission`. */
export const DEFAULT_SETTINGS: Settings = {
  reconnectWindow: 60,
  idleAfter: 120,
  snapshotEvery: 30,
  activityTimeout: 5,
  autoPauseWhenNoGm: 0,
  connectionsPerParticipant: 3,
  admission: "open",
};

export const DEFAULT_MAX_PARTICIPANTS = 8;

function whole(min: number, max: number) {
  return z.int().min(min).max(max);
}

/** Places of a session: people, not connections, GMs included. */
export const MaxParticipants = whole(1, 500);

/** Some settings and no other fields: in `POST` over the defaults, in `PATCH` over what stands. */
export const SettingsPatch = z.strictObject({
  reconnectWindow: whole(0, 3600).exactOptional(),
  idleAfter: whole(1, 3600).exactOptional(),
  snapshotEvery: whole(1, 600).exactOptional(),
  activityTimeout: whole(1, 60).exactOptional(),
  autoPauseWhenNoGm: whole(0, 3600).exactOptional(),
  connectionsPerParticipant: whole(1, 8).exactOptional(),
  admission: z.enum(["open", "approve"]).exactOptional(),
});

/** Settings over others, field by field. */
export function mergeSettings(base: Settings, patch: Partial<Settings>): Settings {
  return { ...base, ...patch };
}

/** Settings as they are kept beside a log: former programs knew fewer. */
export function keptSettings(kept: Omit<Settings, "admission"> & Partial<Settings>): Settings {
  return { ...kept, admission: kept.admission ?? "open" };
}

/** A campaign's or a person's name, or an invite's label. */
export const Name = textOf(1, 100, { seen: true });
/** One that was given before there were rules for its characters. */
export const StoredName = storedTextOf(1, 100);
export const Title = textOf(1, 100, { seen: true });
/** Why a session was paused, or somebody removed or not admitted; may be empty. */
export const Reason = textOf(0, 500, { lines: true });
