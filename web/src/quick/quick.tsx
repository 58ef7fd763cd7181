import { facts } from "../facts.ts";
import type { Seat } from "../table/seat.ts";
import { Counter } from "./counter.tsx";
import { Dice } from "./dice.tsx";
import { TableLog } from "./table-log.tsx";
import "./quick.css";

/** What one does most at a table, without typing paths. */
export function Quick({ seat }: { readonly seat: Seat }) {
  const role = seat.me.value?.role;
  const plays = role === "gm" || role === "player";
  return (
    <div class="stack quick">
      {facts.actions.includes("roll") && <Dice seat={seat} rolls={plays} />}
      <TableLog seat={seat} writes={plays} />
      {plays && <Counter seat={seat} path="shared/torches" title="Torches" />}
    </div>
  );
}
