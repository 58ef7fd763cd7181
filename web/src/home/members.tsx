import { useSignal } from "@preact/signals";
import { ask, seg } from "../api/ask.ts";
import type { Campaign, Member, Role } from "../api/shapes.ts";
import { me } from "../identity/signed-in.ts";
import { roleWord } from "../people/words.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Confirm } from "../widgets/confirm.tsx";
import { Icon } from "../widgets/icon.tsx";
import { RoleSelect } from "../widgets/role-select.tsx";
import { AddMember } from "./add-member.tsx";

export interface MembersProps {
  readonly campaign: Campaign;
  readonly isGm: boolean;
  readonly onChange: (campaign: Campaign) => void;
  readonly onLeft: () => void;
}

export function Members({ campaign, isGm, onChange, onLeft }: MembersProps) {
  const adding = useSignal(false);
  const leaving = useSignal<Member | undefined>(undefined);
  const act = useAct();
  const path = (userId: string) => `api/campaigns/${seg(campaign.id)}/members/${seg(userId)}`;
  const change = (userId: string, role: Role) =>
    act.run(async () => onChange(await ask<Campaign>("PUT", path(userId), { role })));
  const remove = async ({ userId }: Member) => {
    await ask("DELETE", path(userId));
    if (userId === me.value?.userId) onLeft();
    else onChange({ ...campaign, members: campaign.members.filter((member) => member.userId !== userId) });
  };
  const self = campaign.members.find(({ userId }) => userId === me.value?.userId);
  return (
    <div class="members">
      <details>
        <summary>Members ({campaign.members.length})</summary>
        <ul class="stack">
          {campaign.members.map((member) => (
            <li class="row" key={member.userId}>
              <bdi>{member.name ?? member.userId}</bdi>
              <code class="dim">{member.userId}</code>
              {isGm ? (
                <>
                  <RoleSelect
                    small
                    name={`Role of ${member.name ?? member.userId}`}
                    value={member.role}
                    disabled={act.busy.value}
                    onPick={(role) => change(member.userId, role)}
                  />
                  {member !== self && (
                    <button
                      type="button"
                      class="plain small"
                      aria-label={`Take out ${member.name ?? member.userId}`}
                      onClick={() => (leaving.value = member)}
                    >
                      Take out
                    </button>
                  )}
                </>
              ) : (
                <span class="tag">{roleWord(member.role)}</span>
              )}
            </li>
          ))}
        </ul>
        {self !== undefined && (
          <button type="button" class="plain small" onClick={() => (leaving.value = self)}>
            Leave this campaign
          </button>
        )}
      </details>
      {isGm && (
        <button type="button" class="plain small" onClick={() => (adding.value = true)}>
          <Icon name="add" />
          Add member
        </button>
      )}
      <Failure of={act} />
      {adding.value && <AddMember campaign={campaign} onClose={() => (adding.value = false)} onChange={onChange} />}
      {leaving.value !== undefined && (
        <Leaving member={leaving.value} run={remove} onClose={() => (leaving.value = undefined)} />
      )}
    </div>
  );
}

interface LeavingProps {
  readonly member: Member;
  readonly run: (member: Member) => Promise<void>;
  readonly onClose: () => void;
}

function Leaving({ member, run, onClose }: LeavingProps) {
  const own = member.userId === me.value?.userId;
  const name = own ? "Leave this campaign" : "Take out";
  return (
    <Confirm name={name} title={own ? "Leave?" : "Take out of the campaign?"} run={() => run(member)} onClose={onClose}>
      <p>
        {own ? "You lose" : <bdi>{member.name ?? member.userId}</bdi>}
        {own ? "" : " loses"} the campaign, with every place at its running tables and every invite so far. A GM can add{" "}
        {own ? "you" : "them"} again.
      </p>
    </Confirm>
  );
}
