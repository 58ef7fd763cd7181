import { useSignal } from "@preact/signals";
import type { Invite } from "../api/shapes.ts";
import { Confirm } from "../widgets/confirm.tsx";

export interface RevokeDialogProps {
  readonly invite: Invite;
  readonly run: (disconnect: boolean) => Promise<void>;
  readonly onClose: () => void;
}

export function RevokeDialog({ invite, run, onClose }: RevokeDialogProps) {
  const disconnect = useSignal(false);
  return (
    <Confirm name="Revoke" title="Revoke this invite?" run={() => run(disconnect.value)} onClose={onClose}>
      <div class="stack">
        <p>
          Nobody comes in by it any more;{" "}
          {invite.uses === 0 ? "nobody has yet" : `${invite.uses} came by it and cannot come back once they are gone`}.
          This cannot be taken back.
        </p>
        {invite.uses > 0 && (
          <label class="beside">
            <input
              type="checkbox"
              checked={disconnect}
              onChange={(event) => (disconnect.value = event.currentTarget.checked)}
            />
            and send away those who came by it, now
          </label>
        )}
      </div>
    </Confirm>
  );
}
