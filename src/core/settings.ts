import { z } from "zod";
import type { Settings } from "./session.ts";

/** Contract section 2. Whole seconds, but for `connectionsPerParticipant`, which is a number of sockets. */
export const DEFAULT_SETTINGS: Settings = {
  reconnectWindow: 60,
  idleAfter: 120,
  snapshotEvery: 30,
  activityTimeout: 5,
  autoPauseWhenNoGm: 0,
  connectionsPerParticipant: 3,
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
});

/** Settings over others, field by field. */
export function mergeSettings(base: Settings, patch: Partial<Settings>): Settings {
  return { ...base, ...patch };
}

/** A text of so many characters (code points) that can be stored and sent as UTF-8: no lone surrogates. */
export function textOf(minCharacters: number, maxCharacters: number) {
  return z
    .string()
    .refine((text) => text.isWellFormed(), "must not hold a lone surrogate")
    .refine(
      (text) => isWithin(text, minCharacters, maxCharacters),
      `must have ${minCharacters} to ${maxCharacters} characters`,
    )
    .meta({ minLength: minCharacters, maxLength: maxCharacters });
}

function isWithin(text: string, min: number, max: number): boolean {
  // A code point has one or two code units: no need to count those of a text that is too long by far.
  if (text.length > 2 * max) return false;
  const characters = [...text].length;
  return characters >= min && characters <= max;
}

/** A campaign's or a person's name, or an invite's label. */
export const Name = textOf(1, 100);
export const Title = textOf(1, 100);
/** Why a session was paused, or somebody removed; may be empty. */
export const Reason = textOf(0, 500);
