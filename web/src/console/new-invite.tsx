import { useSignal } from "@preact/signals";
import { ask } from "../api/ask.ts";
import type { NewInvite, Role } from "../api/shapes.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Dialog } from "../widgets/dialog.tsx";
import { RoleSelect } from "../widgets/role-select.tsx";
import type { SessionFile } from "./session-file.ts";

const HOUR = 3600;
const EXPIRIES: readonly (readonly [seconds: number, words: string])[] = [
  [6 * HOUR, "in 6 hours: this evening"],
  [24 * HOUR, "in a day"],
  [7 * 24 * HOUR, "in a week"],
  [30 * 24 * HOUR, "in 30 days"],
];
const DEFAULT_USES = 8;

export interface NewInviteDialogProps {
  readonly file: SessionFile;
  readonly onClose: () => void;
  readonly onCreated: (invite: NewInvite) => void;
}

export function NewInviteDialog({ file, onClose, onCreated }: NewInviteDialogProps) {
  const role = useSignal<Role>("player");
  const uses = useSignal(DEFAULT_USES);
  const seconds = useSignal(7 * 24 * HOUR);
  const label = useSignal("");
  const act = useAct();
  const submit = async (event: Event) => {
    event.preventDefault();
    const named = label.value.trim();
    const done = await act.run(async () => {
      onCreated(
        await ask<NewInvite>("POST", file.path("invites"), {
          role: role.value,
          maxUses: uses.value,
          expiresInSeconds: seconds.value,
          ...(named === "" ? {} : { label: named }),
        }),
      );
    });
    if (done) onClose();
  };
  return (
    <Dialog title="A new invite" onClose={onClose}>
      <form onSubmit={submit}>
        <RoleSelect
          name="Role"
          roles={["player", "spectator"]}
          value={role.value}
          onPick={(picked) => (role.value = picked)}
        />
        <label>
          Uses
          <input
            type="number"
            min={1}
            max={500}
            required
            value={uses}
            onInput={(event) => (uses.value = event.currentTarget.valueAsNumber)}
          />
        </label>
        <label>
          Expires
          <select value={seconds} onChange={(event) => (seconds.value = Number(event.currentTarget.value))}>
            {EXPIRIES.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          Label
          <input
            value={label}
            maxLength={100}
            dir="auto"
            placeholder="for whom it is, if you like"
            onInput={(event) => (label.value = event.currentTarget.value)}
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
