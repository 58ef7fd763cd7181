import type { Seat } from "../table/seat.ts";

/** Somebody's name where it is known, else their id; apart from the text around it, whichever way it is written. */
export function NameOf({ seat, userId }: { readonly seat: Seat; readonly userId: string }) {
  const name = seat.table.state.participants.get(userId)?.name;
  return userId === seat.userId ? <>you</> : <bdi>{name ?? userId}</bdi>;
}
