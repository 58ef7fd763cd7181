import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Failure, useAct } from "./act.tsx";
import { Dialog } from "./dialog.tsx";

export interface ConfirmProps {
  /** what the button that asked says, and the one that does it */
  readonly name: string;
  readonly title: string;
  /** what it does, in words */
  readonly children: ComponentChildren;
  /** whether a reason may be given, for the audit trail */
  readonly asksReason?: boolean;
  readonly run: (reason: string | undefined) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone, and says what it does. */
export function Confirm({ name, title, children, asksReason = false, run, onClose }: ConfirmProps) {
  const act = useAct();
  const reason = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await act.run(() => run(reason.value.trim() === "" ? undefined : reason.value.trim()))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <div>{children}</div>
      <form onSubmit={submit}>
        {asksReason && (
          <label>
            Reason
            <input value={reason} maxLength={500} onInput={(event) => (reason.value = event.currentTarget.value)} />
          </label>
        )}
        <Failure of={act} />
        <div class="buttons">
          <button type="button" autofocus={!asksReason} onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="bad" disabled={act.busy.value}>
            {name}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
