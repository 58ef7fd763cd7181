import { Icon } from "../widgets/icon.tsx";
import type { Seat } from "./seat.ts";
import { STANDING_WORDS, type Standing } from "./standing.ts";
import "./standing.css";

export interface StandingLineProps {
  readonly standing: Standing;
  readonly seat: Seat | undefined;
}

const KINDS: Partial<Readonly<Record<Standing, string>>> = {
  connected: "good",
  connecting: "wait",
  waiting: "wait",
  full: "wait",
  ended: "",
};

/** The page's one status: how one stands to the table. And, where there is a table, what of it is saved. */
export function StandingLine({ standing, seat }: StandingLineProps) {
  seat?.beat.value;
  const paused = standing === "connected" && seat?.table.state.status === "paused";
  return (
    <div class="standing">
      <div role="status" class={`tag ${KINDS[standing] ?? "bad"}`}>
        {STANDING_WORDS[standing]}
        {paused && <PausedWords reason={seat.table.state.statusReason} />}
      </div>
      {seat !== undefined && <Saved seat={seat} />}
    </div>
  );
}

function PausedWords({ reason }: { readonly reason: string }) {
  return (
    <>
      {" · Paused"}
      {reason !== "" && (
        <>
          {": "}
          <bdi>{reason}</bdi>
        </>
      )}
    </>
  );
}

function Saved({ seat }: { readonly seat: Seat }) {
  seat.beat.value;
  const { seq } = seat.table.state;
  const waiting = seat.table.unanswered.length;
  const agrees = seat.agreedSeq.value === seq;
  return (
    <>
      <span class="small dim saved">saved · {seq}</span>
      {waiting > 0 && <span class="tag wait">{waiting} to send</span>}
      <span
        class={agrees ? "seal agrees" : "seal"}
        role="img"
        aria-label={agrees ? "Checked: your copy is the server's" : "Your copy is being checked"}
        title={
          agrees
            ? `Your copy is the server's, by its digest at ${seq}`
            : "Your copy is being compared with the server's"
        }
      >
        <Icon name="seal" />
      </span>
    </>
  );
}
