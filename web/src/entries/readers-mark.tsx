import type { Seat } from "../table/seat.ts";
import { Icon } from "../widgets/icon.tsx";
import { readersOf } from "./rights.ts";

/** Who sees an entry, where that is not everybody. */
export function ReadersMark({ seat, path }: { readonly seat: Seat; readonly path: string }) {
  const readers = readersOf(path);
  if (readers === "all") return null;
  const owner = readers === "gms" ? undefined : readers.owner;
  if (owner === "") return null;
  const name = owner === undefined ? undefined : (seat.table.state.participants.get(owner)?.name ?? owner);
  const words = name === undefined ? "GMs only" : owner === seat.userId ? "you and GMs" : `${name} and GMs`;
  return (
    <span class="tag hidden-mark" title={`Seen by: ${words}`}>
      <Icon name="hidden" />
      <bdi>{words}</bdi>
    </span>
  );
}
