import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, seg } from "../api/ask.ts";
import type { Invite, NewInvite } from "../api/shapes.ts";
import { roleWord } from "../people/words.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Icon } from "../widgets/icon.tsx";
import { Time } from "../widgets/time.tsx";
import { InviteLink } from "./invite-link.tsx";
import { inviteState } from "./invite-state.ts";
import { NewInviteDialog } from "./new-invite.tsx";
import { RevokeDialog } from "./revoke.tsx";
import type { SessionFile } from "./session-file.ts";

export function Invites({ file }: { readonly file: SessionFile }) {
  const invites = useSignal<readonly Invite[] | undefined>(undefined);
  const fresh = useSignal<NewInvite | undefined>(undefined);
  const adding = useSignal(false);
  const revoking = useSignal<Invite | undefined>(undefined);
  const act = useAct();
  const load = () =>
    act.run(async () => {
      const { items } = await ask<{ items: readonly Invite[] }>("GET", file.path("invites"));
      invites.value = [...items].sort((one, other) => other.createdAt.localeCompare(one.createdAt));
    });
  useEffect(() => void load(), [file]);
  return (
    <div class="stack">
      <div class="row spread">
        <button type="button" class="main" onClick={() => (adding.value = true)}>
          <Icon name="add" />
          New invite
        </button>
        <button type="button" class="plain small" disabled={act.busy.value} onClick={load}>
          Refresh
        </button>
      </div>
      {fresh.value !== undefined && <InviteLink invite={fresh.value} onClose={() => (fresh.value = undefined)} />}
      <Failure of={act} />
      {invites.value?.length === 0 && <p class="dim small">No invite yet. Members of the campaign need none.</p>}
      <ul class="stack" aria-label="Invites">
        {invites.value?.map((invite) => (
          <InviteItem key={invite.id} invite={invite} onRevoke={() => (revoking.value = invite)} />
        ))}
      </ul>
      {adding.value && (
        <NewInviteDialog
          file={file}
          onClose={() => (adding.value = false)}
          onCreated={(invite) => {
            fresh.value = invite;
            void load();
          }}
        />
      )}
      {revoking.value !== undefined && (
        <RevokeDialog
          invite={revoking.value}
          run={async (disconnect) => {
            const id = seg(revoking.value!.id);
            await ask("DELETE", file.path(`invites/${id}${disconnect ? "?disconnect=true" : ""}`));
            if (fresh.value?.id === revoking.value!.id) fresh.value = undefined;
            void load();
          }}
          onClose={() => (revoking.value = undefined)}
        />
      )}
    </div>
  );
}

function InviteItem({ invite, onRevoke }: { readonly invite: Invite; readonly onRevoke: () => void }) {
  const { label, role, uses, maxUses, expiresAt } = invite;
  const state = inviteState(invite, Date.now());
  return (
    <li class={state === "good" ? "invite-item" : "invite-item away"}>
      <div class="person-words">
        <span class="row">
          <b dir="auto">{label ?? `For ${roleWord(role).toLowerCase()}s`}</b>
          <span class={state === "good" ? "tag good" : "tag"}>{state}</span>
        </span>
        <span class="small dim">
          {label !== null && `${roleWord(role)} · `}
          {uses} of {maxUses} used · until <Time at={expiresAt} />
        </span>
      </div>
      {state !== "revoked" && (
        <button type="button" class="small" aria-label={`Revoke ${label ?? "this invite"}`} onClick={onRevoke}>
          Revoke
        </button>
      )}
    </li>
  );
}
