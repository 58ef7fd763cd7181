import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, seg } from "../api/ask.ts";
import type { Campaign, Page, Session } from "../api/shapes.ts";
import { me } from "../identity/signed-in.ts";
import { roleWord } from "../people/words.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Icon } from "../widgets/icon.tsx";
import { Members } from "./members.tsx";
import { NewSession } from "./new-session.tsx";
import { SessionRow } from "./session-row.tsx";

const SHOWN = 5;
const REFRESH_MS = 20_000;

export interface CampaignCardProps {
  readonly campaign: Campaign;
  readonly onChange: (campaign: Campaign) => void;
  readonly onLeft: () => void;
}

/** A campaign: its evenings, its people. */
export function CampaignCard({ campaign, onChange, onLeft }: CampaignCardProps) {
  const sessions = useSignal<readonly Session[]>([]);
  const more = useSignal(false);
  const adding = useSignal<{ readonly continues?: string } | undefined>(undefined);
  const act = useAct();
  const role = campaign.members.find(({ userId }) => userId === me.value?.userId)?.role ?? "spectator";

  const load = (all: boolean) =>
    act.run(async () => {
      const limit = all ? 200 : SHOWN + 1;
      const { items } = await ask<Page<Session>>("GET", `api/campaigns/${seg(campaign.id)}/sessions?limit=${limit}`);
      more.value = !all && items.length > SHOWN;
      sessions.value = all ? items : items.slice(0, SHOWN);
    });
  useEffect(() => {
    void load(false);
    // Who is online changes by itself; a page that nobody looks at need not know.
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && sessions.value.length <= SHOWN) void load(false);
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [campaign.id]);

  const newest = sessions.value[0];
  return (
    <section class="panel stack campaign" aria-label={campaign.name}>
      <div class="row spread">
        <h2 dir="auto">{campaign.name}</h2>
        <span class="tag">You are {roleWord(role)}</span>
      </div>
      <ul class="sessions">
        {sessions.value.map((session) => (
          <SessionRow key={session.id} session={session} isGm={role === "gm"} />
        ))}
      </ul>
      {sessions.value.length === 0 && !act.busy.value && <p class="dim">No evening yet.</p>}
      <Failure of={act} />
      <div class="row">
        {role === "gm" && (
          <button type="button" onClick={() => (adding.value = {})}>
            <Icon name="add" />
            New session
          </button>
        )}
        {role === "gm" && newest?.status === "ended" && (
          <button type="button" onClick={() => (adding.value = { continues: newest.id })}>
            Continue <span dir="auto">“{newest.title}”</span>
          </button>
        )}
        {more.value && (
          <button type="button" class="plain" onClick={() => load(true)}>
            Earlier evenings
          </button>
        )}
      </div>
      <Members campaign={campaign} isGm={role === "gm"} onChange={onChange} onLeft={onLeft} />
      {adding.value !== undefined && (
        <NewSession
          campaign={campaign}
          earlier={sessions.value}
          continues={adding.value.continues}
          onClose={() => (adding.value = undefined)}
          onCreated={(session) => {
            sessions.value = [session, ...sessions.value];
          }}
        />
      )}
    </section>
  );
}
