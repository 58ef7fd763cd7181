import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SessionState } from "../../../clients/js/src/index.ts";
import { ask, seg } from "../api/ask.ts";
import type { Session } from "../api/shapes.ts";
import { Icon } from "../widgets/icon.tsx";
import { useNow } from "../widgets/ticking.ts";
import { countdownText } from "../widgets/when.ts";
import type { Seat } from "./seat.ts";

/** Play stops by itself some time after the last GM has gone: everybody sees how long is left. */
export function AutoPause({ seat, sessionId }: { readonly seat: Seat; readonly sessionId: string }) {
  const seconds = useSignal(0);
  seat.beat.value;
  const since = withoutGmSince(seat.table.state);
  const isAlone = since !== undefined;
  useEffect(() => {
    seconds.value = 0;
    if (!isAlone) return;
    ask<Session>("GET", `api/sessions/${seg(sessionId)}`).then(
      ({ settings }) => (seconds.value = settings.autoPauseWhenNoGm),
      () => {},
    );
  }, [isAlone]);
  if (since === undefined || seconds.value === 0) return null;
  return <Countdown until={since + seconds.value * 1000} />;
}

function Countdown({ until }: { readonly until: number }) {
  const now = useNow();
  return (
    <section class="banner paused" aria-label="No GM is here">
      <Icon name="wait" />
      <p>
        <span role="alert">No GM is here.</span>{" "}
        <span aria-live="off">Play pauses by itself in about {countdownText(until - now.value)}.</span>
      </p>
    </section>
  );
}

/** Since when there is play without a GM, ms since 1970; undefined: there is one, or no play. */
function withoutGmSince({ status, statusSince, participants }: SessionState): number | undefined {
  if (status !== "live") return undefined;
  let since = statusSince;
  for (const { role, presence, lastSeenAt } of participants.values()) {
    if (role !== "gm") continue;
    if (presence !== "disconnected") return undefined;
    since = Math.max(since, lastSeenAt);
  }
  return since;
}
