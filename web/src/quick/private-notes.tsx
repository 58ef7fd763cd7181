import { useSignal } from "@preact/signals";
import { Refusal } from "../table/banners.tsx";
import type { Seat } from "../table/seat.ts";
import { Icon } from "../widgets/icon.tsx";

const PLACE = "private-notes";

/** One's private area: between oneself and the GMs. */
export function PrivateNotes({ seat, writes }: { readonly seat: Seat; readonly writes: boolean }) {
  const text = useSignal("");
  seat.beat.value;
  const path = `private/${seat.userId}/notes`;
  const value = seat.table.view().get(path);
  const notes = Array.isArray(value) ? (value as readonly unknown[]) : value === undefined ? [] : [value];
  const submit = (event: Event) => {
    event.preventDefault();
    void seat.send(PLACE, "append", { path, values: [text.value.trim()] });
    text.value = "";
  };
  if (!writes && notes.length === 0) return null;
  return (
    <section class="panel stack" aria-label="Private notes">
      <div class="row spread">
        <h3>Private notes</h3>
        <span class="tag hidden-mark">
          <Icon name="hidden" />
          {seat.me.value?.role === "gm" ? "GMs only" : "you and GMs"}
        </span>
      </div>
      {notes.slice(-6).map((note, at) => (
        <p key={`${at}`} class="log-line" dir="auto">
          {typeof note === "string" ? note : JSON.stringify(note)}
        </p>
      ))}
      {writes && (
        <form class="beside-form" onSubmit={submit}>
          <input
            aria-label="A private note"
            placeholder="The duke is lying."
            required
            maxLength={500}
            dir="auto"
            autocomplete="off"
            value={text}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
          <button type="submit">Note</button>
        </form>
      )}
      <Refusal seat={seat} place={PLACE} />
    </section>
  );
}
