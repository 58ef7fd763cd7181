import type { Participant } from "../../../clients/js/src/index.ts";
import { Time } from "../widgets/time.tsx";

const ACTIVITIES: Readonly<Record<string, string>> = { typing: "typing", rolling: "rolling dice", acting: "acting" };

/** Whether somebody is there, in words. */
export function PresenceWords({ of }: { readonly of: Participant }) {
  const { presence, activity, joinedAt, lastSeenAt, reconnectUntil } = of;
  const doing = ACTIVITIES[activity];
  if (presence !== "disconnected") {
    return (
      <span class="small dim">
        {presence}
        {doing === undefined ? "" : ", "}
        {doing !== undefined && <span class="doing">{doing}…</span>}
        {doing === undefined && (
          <>
            {" "}
            · here since <Time at={joinedAt} />
          </>
        )}
      </span>
    );
  }
  return (
    <span class="small dim">
      disconnected since <Time at={lastSeenAt} />
      {reconnectUntil > 0 && (
        <>
          {" "}
          · seat kept until <Time at={reconnectUntil} />
        </>
      )}
    </span>
  );
}
