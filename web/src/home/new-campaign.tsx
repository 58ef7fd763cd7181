import { useSignal } from "@preact/signals";
import { ask } from "../api/ask.ts";
import type { Campaign } from "../api/shapes.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Dialog } from "../widgets/dialog.tsx";

export interface NewCampaignProps {
  readonly onClose: () => void;
  readonly onCreated: (campaign: Campaign) => void;
}

export function NewCampaign({ onClose, onCreated }: NewCampaignProps) {
  const name = useSignal("");
  const act = useAct();
  const submit = async (event: Event) => {
    event.preventDefault();
    const done = await act.run(async () => {
      onCreated(await ask<Campaign>("POST", "api/campaigns", { name: name.value.trim() }));
    });
    if (done) onClose();
  };
  return (
    <Dialog title="A new campaign" onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          Name
          <input
            value={name}
            required
            maxLength={100}
            dir="auto"
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <p class="dim small">You will be its GM. Players come later, as members or by an invite.</p>
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
