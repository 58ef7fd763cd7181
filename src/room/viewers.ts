import type { Client } from "@colyseus/core";
import { StateView } from "@colyseus/schema";
import type { Role } from "../core/session.ts";

/** One client of the room as somebody who sees: only what concerns the per-viewer part of the state. */
export interface Viewer {
  readonly client: Client;
  readonly userId: string;
  role: Role;
}

/** Something that only some viewers see: an entry of `hidden`, a row of `connections`, a knock. */
type Shown = Parameters<StateView["add"]>[0];

/**
 * Who sees which parts of `hidden`, `connections` and `knocks`. The only file that touches `StateView`: a view holds single
 * entries, never a map or the root, for those would bring everything with them. Somebody who sees nothing of these
 * maps has no view, and shares the one encoding of all such clients.
 */
export class Viewers {
  readonly #byUser = new Map<string, Set<Viewer>>();
  readonly #gms = new Set<Viewer>();

  of(userId: string): Iterable<Viewer> {
    return this.#byUser.get(userId) ?? [];
  }

  get gms(): Iterable<Viewer> {
    return this.#gms;
  }

  add(viewer: Viewer): void {
    // The framework gives a client that came back the view of its former socket, which is disposed.
    delete viewer.client.view;
    let theirs = this.#byUser.get(viewer.userId);
    if (theirs === undefined) {
      theirs = new Set();
      this.#byUser.set(viewer.userId, theirs);
    }
    theirs.add(viewer);
    if (viewer.role === "gm") this.#gms.add(viewer);
  }

  remove(viewer: Viewer): void {
    const theirs = this.#byUser.get(viewer.userId);
    theirs?.delete(viewer);
    if (theirs?.size === 0) this.#byUser.delete(viewer.userId);
    this.#gms.delete(viewer);
    viewer.client.view?.dispose();
  }

  setRole(viewer: Viewer, role: Role): void {
    viewer.role = role;
    if (role === "gm") this.#gms.add(viewer);
    else this.#gms.delete(viewer);
  }

  /** To the GMs, and to its owner where it has one. */
  show(item: Shown, ownerId: string | null): void {
    for (const viewer of this.#gms) grant(viewer, item);
    if (ownerId === null) return;
    for (const viewer of this.of(ownerId)) if (viewer.role !== "gm") grant(viewer, item);
  }
}

export function grant({ client }: Viewer, item: Shown): void {
  client.view ??= new StateView();
  client.view.add(item);
}

export function withdraw({ client }: Viewer, item: Shown): void {
  client.view?.remove(item);
}
