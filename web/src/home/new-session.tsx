import { useSignal } from "@preact/signals";
import { ask, seg } from "../api/ask.ts";
import type { Campaign, Session } from "../api/shapes.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Dialog } from "../widgets/dialog.tsx";
import { whenText } from "../widgets/when.ts";

export interface NewSessionProps {
  readonly campaign: Campaign;
  /** evenings whose table may be gone on with, the newest first */
  readonly earlier: readonly Session[];
  readonly continues: string | undefined;
  readonly onClose: () => void;
  readonly onCreated: (session: Session) => void;
}

export function NewSession({ campaign, earlier, continues, onClose, onCreated }: NewSessionProps) {
  const title = useSignal("");
  const places = useSignal(8);
  const from = useSignal(continues ?? "");
  const act = useAct();
  const submit = async (event: Event) => {
    event.preventDefault();
    const done = await act.run(async () => {
      const session = await ask<Session>("POST", `api/campaigns/${seg(campaign.id)}/sessions`, {
        title: title.value.trim(),
        maxParticipants: places.value,
        ...(from.value === "" ? {} : { continueFrom: from.value }),
      });
      onCreated(session);
    });
    if (done) onClose();
  };
  return (
    <Dialog title="A new session" onClose={onClose}>
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
        <label>
          Begins with
          <select value={from} onChange={(event) => (from.value = event.currentTarget.value)}>
            <option value="">an empty table</option>
            {earlier.map((session) => (
              <option key={session.id} value={session.id}>
                the table of “{session.title}”, {whenText(Date.parse(session.createdAt), Date.now())}
              </option>
            ))}
          </select>
        </label>
        <label>
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
        <Failure of={act} />
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={act.busy.value}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}
