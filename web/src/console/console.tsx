import { useMemo } from "preact/hooks";
import { seg } from "../api/ask.ts";
import { ConflictRegion } from "../entries/conflict.tsx";
import { Entries } from "../entries/entries.tsx";
import { at } from "../facts.ts";
import { keepSignedIn } from "../identity/signed-in.ts";
import { AutoPause } from "../table/auto-pause.tsx";
import { Banners } from "../table/banners.tsx";
import { End } from "../table/ends.tsx";
import type { Seat } from "../table/seat.ts";
import { isSeated, type Standing } from "../table/standing.ts";
import { TableFrame } from "../table/table-frame.tsx";
import { useVisit } from "../table/use-visit.ts";
import { AfterEnd } from "./after-end.tsx";
import { ConsolePeople } from "./console-people.tsx";
import { ConsoleTabs } from "./console-tabs.tsx";
import { Controls } from "./controls.tsx";
import { MonitorLink } from "./monitor-link.tsx";
import { SessionFile } from "./session-file.ts";
import { Waiting } from "./waiting.tsx";
import "./console.css";

/** The GM's console: the table, and everything that only a GM does. */
export function Console({ sessionId }: { readonly sessionId: string }) {
  const visit = useVisit(sessionId);
  const file = useMemo(() => new SessionFile(sessionId), [sessionId]);
  const seat = visit.seat.value;
  const standing = visit.standing.value;
  const role = seat?.me.value?.role;
  return (
    <TableFrame
      visit={visit}
      tools={
        <>
          {role === "gm" && <MonitorLink />}
          <a class="button small" href={at(`play/${seg(sessionId)}`)} onClick={keepSignedIn}>
            Table
          </a>
        </>
      }
    >
      {seat !== undefined && isSeated(standing) ? (
        role === undefined || role === "gm" ? (
          <Desk seat={seat} standing={standing} file={file} />
        ) : (
          <NoGm sessionId={sessionId} />
        )
      ) : (
        <End visit={visit}>{standing === "ended" && <AfterEnd file={file} />}</End>
      )}
    </TableFrame>
  );
}

interface DeskProps {
  readonly seat: Seat;
  readonly standing: Standing;
  readonly file: SessionFile;
}

function Desk({ seat, standing, file }: DeskProps) {
  return (
    <div class={standing === "connected" ? "table-page desk" : "table-page desk cut-off"}>
      <Controls seat={seat} file={file} />
      <Banners seat={seat} standing={standing} />
      <AutoPause seat={seat} sessionId={file.sessionId} />
      <ConflictRegion seat={seat} />
      <div class="columns">
        <div class="stack side">
          <Waiting seat={seat} file={file} />
          <ConsolePeople seat={seat} file={file} />
        </div>
        <Entries seat={seat} writes />
        <ConsoleTabs seat={seat} file={file} />
      </div>
    </div>
  );
}

function NoGm({ sessionId }: { readonly sessionId: string }) {
  return (
    <section class="panel stack end" aria-label="Not a GM">
      <h2>The console is for GMs</h2>
      <p class="dim">You are at this table, but not as its GM. Your place is at the table itself.</p>
      <a class="button main" href={at(`play/${seg(sessionId)}`)} onClick={keepSignedIn}>
        To the table
      </a>
    </section>
  );
}
