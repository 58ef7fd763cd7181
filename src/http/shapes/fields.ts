import { z } from "zod";

/** ms since 1970 as HTTP says it: ISO 8601 UTC. */
export function iso(ms: number): string;
export function iso(ms: number | null): string | null;
export function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

export const Time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .meta({ format: "date-time" });
export const UserId = z
  .string()
  .meta({ description: "1 to 128 bytes of UTF-8 in NFC, no slash or control characters" });
export const Id = z.string().regex(/^[A-Za-z0-9_-]+$/);
export const RoleName = z.enum(["gm", "player", "spectator"]);
export const InviteRoleName = z.enum(["player", "spectator"]);
export const StatusName = z.enum(["created", "live", "paused", "ended"]);
export const ViaName = z.string().regex(/^(member|system|invite:.+)$/s);
export const Count = z.int().min(0);
