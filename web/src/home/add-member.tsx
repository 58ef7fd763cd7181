import { useSignal } from "@preact/signals";
import { ask, seg } from "../api/ask.ts";
import type { Campaign, Role } from "../api/shapes.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Dialog } from "../widgets/dialog.tsx";
import { RoleSelect } from "../widgets/role-select.tsx";

export interface AddMemberProps {
  readonly campaign: Campaign;
  readonly onClose: () => void;
  readonly onChange: (campaign: Campaign) => void;
}

export function AddMember({ campaign, onClose, onChange }: AddMemberProps) {
  const userId = useSignal("");
  const name = useSignal("");
  const role = useSignal<Role>("player");
  const act = useAct();
  const submit = async (event: Event) => {
    event.preventDefault();
    const done = await act.run(async () => {
      const path = `api/campaigns/${seg(campaign.id)}/members/${seg(userId.value.trim())}`;
      const shown = name.value.trim();
      onChange(await ask<Campaign>("PUT", path, { role: role.value, ...(shown === "" ? {} : { name: shown }) }));
    });
    if (done) onClose();
  };
  return (
    <Dialog title="Add a member" onClose={onClose}>
      <form onSubmit={submit}>
        <label>
          User id
          <input
            value={userId}
            required
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => (userId.value = event.currentTarget.value)}
          />
        </label>
        <label>
          Name
          <input
            value={name}
            maxLength={100}
            dir="auto"
            placeholder="as their token says"
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </label>
        <RoleSelect name="Role" value={role.value} onPick={(picked) => (role.value = picked)} />
        <p class="dim small">
          Somebody without an account, or only for one evening? Make an invite in the console instead.
        </p>
        <Failure of={act} />
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" disabled={act.busy.value}>
            Add
          </button>
        </div>
      </form>
    </Dialog>
  );
}
