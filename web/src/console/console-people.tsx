import { useSignal } from "@preact/signals";
import type { Participant } from "../../../clients/js/src/index.ts";
import { ask, seg } from "../api/ask.ts";
import type { Role } from "../api/shapes.ts";
import { People } from "../people/people.tsx";
import type { Seat } from "../table/seat.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Confirm } from "../widgets/confirm.tsx";
import { Icon } from "../widgets/icon.tsx";
import { RoleSelect } from "../widgets/role-select.tsx";
import { Banned } from "./banned.tsx";
import type { BannedPerson } from "./bans.ts";
import { ConnectionWords } from "./connection-words.tsx";
import type { SessionFile } from "./session-file.ts";

export interface ConsolePeopleProps {
  readonly seat: Seat;
  readonly file: SessionFile;
}

type Asked = { readonly what: "remove" | "ban" | "hand-over"; readonly who: Participant } | undefined;

/** Everybody, with what a GM sees and does besides. */
export function ConsolePeople({ seat, file }: ConsolePeopleProps) {
  const asked = useSignal<Asked>(undefined);
  const banned = useSignal<readonly BannedPerson[]>([]);
  return (
    <>
      <People
        seat={seat}
        withIds
        more={(who) => (
          <PersonTools seat={seat} file={file} who={who} onAsk={(what) => (asked.value = { what, who })} />
        )}
        after={<Banned file={file} banned={banned} />}
      />
      {asked.value !== undefined && (
        <Question
          seat={seat}
          file={file}
          asked={asked.value}
          onBanned={(who) => (banned.value = [...banned.value.filter(({ userId }) => userId !== who.userId), who])}
          onClose={() => (asked.value = undefined)}
        />
      )}
    </>
  );
}

interface PersonToolsProps extends ConsolePeopleProps {
  readonly who: Participant;
  readonly onAsk: (what: "remove" | "ban" | "hand-over") => void;
}

function PersonTools({ seat, file, who, onAsk }: PersonToolsProps) {
  const act = useAct();
  const { userId, name, role } = who;
  const isMe = userId === seat.userId;
  return (
    <>
      <ConnectionWords of={seat.table.state.connections.get(userId)} />
      <div class="row person-tools">
        <RoleSelect
          small
          name={`Role of ${name}`}
          value={role}
          disabled={act.busy.value}
          onPick={(picked: Role) => act.run(() => file.setRole(userId, picked))}
        />
        {role !== "gm" && (
          <>
            <button type="button" class="small plain" aria-label={`Remove ${name}`} onClick={() => onAsk("remove")}>
              Remove
            </button>
            <button type="button" class="small plain ban" aria-label={`Ban ${name}`} onClick={() => onAsk("ban")}>
              Ban
            </button>
          </>
        )}
        {!isMe && (
          <button
            type="button"
            class="small plain square"
            title="Hand over the GM's seat"
            aria-label={`Hand over to ${name}`}
            onClick={() => onAsk("hand-over")}
          >
            <Icon name="crown" />
          </button>
        )}
      </div>
      <Failure of={act} />
    </>
  );
}

interface QuestionProps extends ConsolePeopleProps {
  readonly asked: NonNullable<Asked>;
  readonly onBanned: (who: BannedPerson) => void;
  readonly onClose: () => void;
}

function Question({ seat, file, asked: { what, who }, onBanned, onClose }: QuestionProps) {
  const name = <bdi>{who.name}</bdi>;
  const remove = (reason: string | undefined, ban: boolean) =>
    ask("POST", file.path(`participants/${seg(who.userId)}/remove`), {
      ban,
      ...(reason === undefined ? {} : { reason }),
    });
  if (what === "remove") {
    return (
      <Confirm
        name="Remove"
        title="Remove from the table?"
        asksReason
        run={(reason) => remove(reason, false)}
        onClose={onClose}
      >
        <p>
          {name} (<code>{who.userId}</code>) loses the seat, on every device. They may come back.
        </p>
      </Confirm>
    );
  }
  if (what === "ban") {
    const ban = async (reason: string | undefined) => {
      await remove(reason, true);
      onBanned(who);
    };
    return (
      <Confirm name="Ban" title="Ban from this session?" asksReason run={ban} onClose={onClose}>
        <p>
          {name} (<code>{who.userId}</code>) loses the seat and cannot come back to this session, until you lift the ban
          here.
        </p>
      </Confirm>
    );
  }
  const handOver = async () => {
    await file.setRole(who.userId, "gm");
    await file.setRole(seat.userId, "player");
  };
  return (
    <Confirm name="Hand over" title="Hand over the GM's seat?" run={handOver} onClose={onClose}>
      <p>
        {name} (<code>{who.userId}</code>) becomes the campaign's GM and you become a player, at once. What is hidden is
        theirs to see then, and not yours. Only a GM can give it back.
      </p>
    </Confirm>
  );
}
