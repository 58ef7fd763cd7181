import type { Role } from "../../../clients/js/src/index.ts";

/** Who reads what stands under a path (contract, section 4). */
export type Readers = "all" | "gms" | { readonly owner: string };

export function readersOf(path: string): Readers {
  const [first, owner = ""] = path.split("/");
  if (first === "gm") return "gms";
  return first === "private" ? { owner } : "all";
}

/** What to offer: the server decides. */
export function mayWrite(role: Role, userId: string, path: string): boolean {
  if (role === "spectator") return false;
  if (role === "gm") return true;
  const [first, owner] = path.split("/");
  return first === "shared" || ((first === "players" || first === "private") && owner === userId);
}
