import { hash } from "node:crypto";

/** What is stored of an invite's token (SHA-256, hex): it carries 128 random bits, so a plain hash tells nothing of it. */
export function inviteHash(token: string): string {
  return hash("sha256", token, "hex");
}
