import { NameOf } from "../people/name-of.tsx";
import { roleWord, statusWord } from "../people/words.ts";
import { Said } from "../widgets/act.tsx";
import { Icon } from "../widgets/icon.tsx";
import { useNow } from "../widgets/ticking.ts";
import { Time } from "../widgets/time.tsx";
import { countdownText, spanText } from "../widgets/when.ts";
import type { AwayLine } from "./away.ts";
import { ANYWHERE, type Seat } from "./seat.ts";
import type { Standing } from "./standing.ts";
import "./banners.css";

/** What everybody at the table must see at once, one below the other; none of it covers the table. */
export function Banners({ seat, standing }: { readonly seat: Seat; readonly standing: Standing }) {
  const lost = standing === "reconnecting" || standing === "offline";
  return (
    <div class="banners">
      {lost && <Lost seat={seat} standing={standing} />}
      {!lost && <Paused seat={seat} />}
      {seat.away.value !== undefined && <WhileAway seat={seat} />}
      <Refusal seat={seat} place={ANYWHERE} />
    </div>
  );
}

function Lost({ seat, standing }: { readonly seat: Seat; readonly standing: Standing }) {
  const now = useNow();
  const leftMs = seat.retryAt.value - now.value;
  seat.beat.value;
  const waiting = seat.table.unanswered;
  return (
    <section class="banner lost" aria-label="The connection is lost">
      <Icon name="lost" />
      <div class="stack">
        <p role="alert">
          <b>{standing === "offline" ? "You are offline." : "The connection is lost."}</b> You see the table as it last
          was. What you do now waits here and is sent when you are back.
        </p>
        <p class="row">
          <span aria-live="off">
            {leftMs > 0 ? `Next try in ${countdownText(leftMs)}` : "Trying now…"}
            {waiting.length > 0 && ` · ${waiting.length} waiting to be sent`}
          </span>
          <button type="button" class="small" onClick={() => seat.table.wake()}>
            Try now
          </button>
        </p>
        {waiting.length > 0 && (
          <p class="small dim">
            {waiting.slice(0, 5).map(({ id, action, payload }) => (
              <code key={id} class="waiting-command">
                {action} {pathIn(payload)}
              </code>
            ))}
          </p>
        )}
      </div>
    </section>
  );
}

function pathIn(payload: unknown): string {
  const { path, from } = (payload ?? {}) as { path?: string; from?: string };
  return (path ?? from ?? "").slice(0, 80);
}

function Paused({ seat }: { readonly seat: Seat }) {
  seat.beat.value;
  const { status, statusBy, statusReason, statusSince } = seat.table.state;
  if (status !== "paused") return null;
  return (
    <section class="banner paused" aria-label="Paused">
      <Icon name="pause" />
      <div>
        <p>
          <b>Paused</b>{" "}
          {statusBy === "" ? (
            "by itself"
          ) : (
            <>
              by <NameOf seat={seat} userId={statusBy} />
            </>
          )}{" "}
          since <Time at={statusSince} />
          {statusReason !== "" && (
            <>
              : <bdi>{statusReason}</bdi>
            </>
          )}
        </p>
        <p class="small dim">
          {seat.me.value?.role === "gm"
            ? `As ${roleWord("gm")} you can go on changing things; the others wait.`
            : statusBy === ""
              ? "It goes on as soon as a GM is back."
              : "A GM lets it go on. Until then nothing of yours is taken."}
        </p>
      </div>
    </section>
  );
}

const SHOWN_LINES = 8;

function WhileAway({ seat }: { readonly seat: Seat }) {
  const away = seat.away.value!;
  const more = away.lines.length - SHOWN_LINES;
  return (
    <section class="banner back" aria-label="While you were away" aria-live="polite">
      <Icon name="wait" />
      <div>
        <p>
          <b>While you were away</b> ({spanText(away.span / 1000)}):
        </p>
        {away.lines.slice(0, SHOWN_LINES).map((line, at) => (
          <p class="small" key={`${at}`}>
            <AwayWords seat={seat} line={line} />
          </p>
        ))}
        {more > 0 && <p class="small dim">and {more} more</p>}
      </div>
      <button
        type="button"
        class="plain square small"
        aria-label="Dismiss"
        onClick={() => (seat.away.value = undefined)}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}

function AwayWords({ seat, line }: { readonly seat: Seat; readonly line: AwayLine }) {
  switch (line.what) {
    case "status":
      return <>The session is {statusWord(line.status).toLowerCase()} now.</>;
    case "came":
    case "left":
      return (
        <>
          <bdi>{line.who.name}</bdi> {line.what === "came" ? "came" : "left"}.
        </>
      );
    case "changed":
      return (
        <>
          <code>{line.path}</code> changed, by <NameOf seat={seat} userId={line.by} />.
        </>
      );
    case "gone":
      return (
        <>
          <code>{line.path}</code> is gone.
        </>
      );
  }
}

/** What was refused, at the place that asked for it. */
export function Refusal({ seat, place }: { readonly seat: Seat; readonly place: string }) {
  return <Said text={seat.refusals.value.get(place)} />;
}
