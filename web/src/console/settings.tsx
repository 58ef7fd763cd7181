import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Session, Settings } from "../api/shapes.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { pausesByKey } from "./pause-key.ts";
import type { SessionFile } from "./session-file.ts";

type Numbers = Exclude<keyof Settings, "admission">;

const FIELDS: readonly (readonly [name: Numbers, words: string, min: number, max: number])[] = [
  ["reconnectWindow", "A lost seat is kept for (s)", 0, 3600],
  ["autoPauseWhenNoGm", "Pause by itself without a GM after (s, 0 = never)", 0, 3600],
  ["idleAfter", "Idle after (s)", 1, 3600],
  ["activityTimeout", "“typing” lasts (s)", 1, 60],
  ["connectionsPerParticipant", "Devices per person", 1, 8],
  ["snapshotEvery", "Snapshot every (s)", 1, 600],
];

export function SettingsTab({ file }: { readonly file: SessionFile }) {
  const act = useAct();
  useEffect(() => void act.run(() => file.load()), [file]);
  const session = file.session.value;
  if (session === undefined)
    return act.failure.value === undefined ? <p class="dim">Reading…</p> : <Failure of={act} />;
  return <SettingsForm key={JSON.stringify(session)} file={file} session={session} />;
}

function SettingsForm({ file, session }: { readonly file: SessionFile; readonly session: Session }) {
  const title = useSignal(session.title);
  const places = useSignal(session.maxParticipants);
  const settings = useSignal<Partial<Record<Numbers, number>>>({});
  const act = useAct();
  const submit = (event: Event) => {
    event.preventDefault();
    return act.run(() =>
      file.change({
        ...(title.value.trim() === session.title ? {} : { title: title.value.trim() }),
        ...(places.value === session.maxParticipants ? {} : { maxParticipants: places.value }),
        ...(Object.keys(settings.value).length === 0 ? {} : { settings: settings.value }),
      }),
    );
  };
  return (
    <form onSubmit={submit}>
      <label>
        Title
        <input
          value={title}
          required
          maxLength={100}
          dir="auto"
          onInput={(event) => (title.value = event.currentTarget.value)}
        />
      </label>
      <label class="figure-field">
        Places
        <input
          type="number"
          min={1}
          max={500}
          required
          value={places}
          onInput={(event) => (places.value = event.currentTarget.valueAsNumber)}
        />
      </label>
      {FIELDS.map(([name, words, min, max]) => (
        <label key={name} class="figure-field">
          {words}
          <input
            type="number"
            min={min}
            max={max}
            required
            value={settings.value[name] ?? session.settings[name]}
            onInput={(event) => {
              settings.value = { ...settings.value, [name]: event.currentTarget.valueAsNumber };
            }}
          />
        </label>
      ))}
      <Failure of={act} />
      <div class="row spread">
        <button type="submit" class="main" disabled={act.busy.value}>
          Save
        </button>
        <label class="beside">
          <input
            type="checkbox"
            checked={pausesByKey}
            onChange={(event) => (pausesByKey.value = event.currentTarget.checked)}
          />
          <span>
            <kbd>P</kbd> pauses
          </span>
        </label>
      </div>
    </form>
  );
}
