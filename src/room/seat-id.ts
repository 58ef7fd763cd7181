import { hash } from "node:crypto";
import { Encoder, Reflection } from "@colyseus/schema";
import type { Chance } from "../ports/clock.ts";
import { SessionSchema } from "./schema.ts";

/**
 * Which schema this program shows, in six characters. An SDK that returns after a crash keeps the schema that it was
 * told when it joined, so it can decode this program's state only where both are the same.
 */
const SCHEMA_MARK = hash("sha256", Reflection.encode(new Encoder(new SessionSchema())), "hex").slice(0, 6);
const SEAT_ID = new RegExp(`^[A-Za-z0-9_-]{1,64}${SCHEMA_MARK}$`);

/** Colyseus' session id of a new seat: unguessable, and it names the schema that its client was told. */
export function newSeatId(chance: Chance): string {
  return `${chance.token()}${SCHEMA_MARK}`;
}

/** Whether a seat id is one that a program with this very schema gave out. Says nothing of who sits there. */
export function isSeatIdOfThisSchema(seatId: string): boolean {
  return SEAT_ID.test(seatId);
}
