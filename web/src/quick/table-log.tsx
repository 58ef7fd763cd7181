import { useSignal } from "@preact/signals";
import type { Json } from "../../../clients/js/src/index.ts";
import { NameOf } from "../people/name-of.tsx";
import { Refusal } from "../table/banners.tsx";
import type { Seat } from "../table/seat.ts";
import { Time } from "../widgets/time.tsx";

const PATH = "shared/log";
const PLACE = "log";
/** Fifty of the longest lines fit into an entry. */
const KEPT = 50;
const MAX_CHARACTERS = 200;
const SHOWN = 6;

interface Line {
  readonly at: number;
  readonly by: string;
  readonly text: string;
}

/** What the table writes down for all of itself: an array that only grows at its end, so nobody is in anybody's way. */
export function TableLog({ seat, writes }: { readonly seat: Seat; readonly writes: boolean }) {
  const text = useSignal("");
  seat.beat.value;
  const lines = linesIn(seat.table.view().get(PATH)).slice(-SHOWN);
  const submit = (event: Event) => {
    event.preventDefault();
    const line = { at: Date.now(), by: seat.userId, text: text.value.trim() };
    text.value = "";
    void seat.send(PLACE, "append", { path: PATH, values: [line], max: KEPT });
  };
  return (
    <section class="panel stack" aria-label="Table log">
      <h3>Table log</h3>
      {lines.length === 0 && <p class="small dim">Nothing yet.</p>}
      {lines.map((line) => (
        <p key={`${line.at} ${line.by}`} class="log-line">
          <span class="small dim">
            <Time at={line.at} /> <NameOf seat={seat} userId={line.by} />
          </span>{" "}
          <bdi>{line.text}</bdi>
        </p>
      ))}
      {writes && (
        <form class="beside-form" onSubmit={submit}>
          <input
            aria-label="A line for the log"
            placeholder="A door opens…"
            required
            maxLength={MAX_CHARACTERS}
            dir="auto"
            autocomplete="off"
            value={text}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              seat.doing("typing");
            }}
          />
          <button type="submit">Log</button>
        </form>
      )}
      <Refusal seat={seat} place={PLACE} />
    </section>
  );
}

function linesIn(value: Json | undefined): readonly Line[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly unknown[]).filter((one): one is Line => {
    const { at, by, text } = (one ?? {}) as Partial<Line>;
    return (
      typeof at === "number" &&
      Number.isFinite(new Date(at).getTime()) &&
      typeof by === "string" &&
      typeof text === "string"
    );
  });
}
