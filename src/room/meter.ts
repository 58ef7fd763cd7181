import type { JoinReason } from "./door.ts";

/** What is measured of rooms. Cheap, and never throws. */
export interface RoomMeter {
  /** a connection is in */
  joined(): void;
  /** somebody was not let in */
  joinRefused(reason: JoinReason): void;
  /** a connection that was in is gone; why, as one of `CLOSE_WORDS` */
  disconnected(why: string): void;
  /** a patch went out to everybody in a room */
  patchSent(): void;
}
