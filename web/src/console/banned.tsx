import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, seg } from "../api/ask.ts";
import { Sign } from "../people/sign.tsx";
import { UserId } from "../people/user-id.tsx";
import { Failure, useAct } from "../widgets/act.tsx";
import { type BannedPerson, bannedIn } from "./bans.ts";
import type { SessionFile } from "./session-file.ts";

export interface BannedProps {
  readonly file: SessionFile;
  readonly banned: Signal<readonly BannedPerson[]>;
}

/** Who cannot come back, below everybody else: as the audit trail says, and as one has banned since. */
export function Banned({ file, banned }: BannedProps) {
  const act = useAct();
  useEffect(() => {
    void act.run(async () => {
      const before = bannedIn(await file.events(0));
      const known = new Set(before.map(({ userId }) => userId));
      banned.value = [...before, ...banned.value.filter(({ userId }) => !known.has(userId))];
    });
  }, [file]);
  const unban = (userId: string) =>
    act.run(async () => {
      await ask("DELETE", file.path(`bans/${seg(userId)}`));
      banned.value = banned.value.filter((one) => one.userId !== userId);
    });
  return (
    <>
      {banned.value.map(({ userId, name }) => (
        <li key={`banned ${userId}`} class="person away">
          <Sign userId={userId} name={name} />
          <div class="person-words">
            <span class="row">
              <b dir="auto">{name}</b>
              <UserId id={userId} />
              <span class="tag bad">banned</span>
            </span>
            <div class="row person-tools">
              <button type="button" class="small" aria-label={`Unban ${name}`} onClick={() => unban(userId)}>
                Unban
              </button>
            </div>
          </div>
        </li>
      ))}
      {act.failure.value !== undefined && (
        <li>
          <Failure of={act} />
        </li>
      )}
    </>
  );
}
