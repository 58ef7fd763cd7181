import { seg } from "../api/ask.ts";
import { ConflictRegion } from "../entries/conflict.tsx";
import { Entries } from "../entries/entries.tsx";
import { at } from "../facts.ts";
import { keepSignedIn } from "../identity/signed-in.ts";
import { People } from "../people/people.tsx";
import { PrivateNotes } from "../quick/private-notes.tsx";
import { Quick } from "../quick/quick.tsx";
import { AutoPause } from "../table/auto-pause.tsx";
import { Banners } from "../table/banners.tsx";
import { End } from "../table/ends.tsx";
import type { Seat } from "../table/seat.ts";
import { isSeated, type Standing } from "../table/standing.ts";
import { TableFrame } from "../table/table-frame.tsx";
import { useVisit } from "../table/use-visit.ts";

/** A participant's table. */
export function Play({ sessionId }: { readonly sessionId: string }) {
  const visit = useVisit(sessionId);
  const seat = visit.seat.value;
  const standing = visit.standing.value;
  const isGm = seat?.me.value?.role === "gm";
  return (
    <TableFrame
      visit={visit}
      tools={
        isGm && (
          <a class="button small" href={at(`console/${seg(sessionId)}`)} onClick={keepSignedIn}>
            Console
          </a>
        )
      }
    >
      {seat !== undefined && isSeated(standing) ? <Table seat={seat} standing={standing} /> : <End visit={visit} />}
    </TableFrame>
  );
}

function Table({ seat, standing }: { readonly seat: Seat; readonly standing: Standing }) {
  const writes = seat.me.value !== undefined && seat.me.value.role !== "spectator";
  return (
    <div class={standing === "connected" ? "table-page" : "table-page cut-off"}>
      <Banners seat={seat} standing={standing} />
      <AutoPause seat={seat} sessionId={seat.table.state.sessionId} />
      <ConflictRegion seat={seat} />
      <div class="columns">
        <div class="stack side">
          <People seat={seat} />
          <PrivateNotes seat={seat} writes={writes} />
        </div>
        <Entries seat={seat} writes={writes} />
        <Quick seat={seat} />
      </div>
    </div>
  );
}
