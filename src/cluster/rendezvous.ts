import { hash } from "node:crypto";

/**
 * Rendezvous hashing: each session has an order of its own of all processes, so that one that comes or goes moves no other's
 * share.
 * @returns the processes in the session's order, the one that is to have it first
 */
export function inOrderOf(sessionId: string, processIds: readonly string[]): string[] {
  const weights = new Map(processIds.map((id) => [id, hash("sha256", `${sessionId} ${id}`, "hex")]));
  return [...processIds].sort((a, b) => (weights.get(a)! < weights.get(b)! ? 1 : -1));
}
