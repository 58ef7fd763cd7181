import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../api/ask.ts";
import type { Campaign, Page } from "../api/shapes.ts";
import { isGuest } from "../identity/claims.ts";
import { me } from "../identity/signed-in.ts";
import { Failure, useAct } from "../widgets/act.tsx";
import { Icon } from "../widgets/icon.tsx";
import { CampaignCard } from "./campaign-card.tsx";
import { NewCampaign } from "./new-campaign.tsx";

/** My campaigns, the newest first, and a way to make one. */
export function Campaigns() {
  const campaigns = useSignal<readonly Campaign[] | undefined>(undefined);
  const cursor = useSignal<string | null>(null);
  const adding = useSignal(false);
  const act = useAct();
  const guest = me.value !== undefined && isGuest(me.value);

  const load = (from: string | null) =>
    act.run(async () => {
      const query = from === null ? "" : `?cursor=${encodeURIComponent(from)}`;
      const page = await ask<Page<Campaign>>("GET", `api/campaigns${query}`);
      campaigns.value = from === null ? page.items : [...(campaigns.value ?? []), ...page.items];
      cursor.value = page.nextCursor;
    });
  useEffect(() => {
    if (!guest) void load(null);
  }, []);
  const replace = (changed: Campaign) => {
    campaigns.value = campaigns.value?.map((one) => (one.id === changed.id ? changed : one));
  };
  const remove = (id: string) => {
    campaigns.value = campaigns.value?.filter((one) => one.id !== id);
  };

  if (guest) return <p class="panel">You are a guest: the invite that you came by leads to your table.</p>;
  return (
    <div class="stack campaigns">
      <div class="row spread">
        <h1>My campaigns</h1>
        <button type="button" onClick={() => (adding.value = true)}>
          <Icon name="add" />
          New campaign
        </button>
      </div>
      <Failure of={act} />
      {campaigns.value?.length === 0 && (
        <p class="panel dim">None yet. Make one, or open the invite that a GM has sent you.</p>
      )}
      {campaigns.value?.map((campaign) => (
        <CampaignCard key={campaign.id} campaign={campaign} onChange={replace} onLeft={() => remove(campaign.id)} />
      ))}
      {cursor.value !== null && (
        <button type="button" onClick={() => load(cursor.value)}>
          Older campaigns
        </button>
      )}
      {adding.value && (
        <NewCampaign
          onClose={() => (adding.value = false)}
          onCreated={(campaign) => {
            campaigns.value = [campaign, ...(campaigns.value ?? [])];
          }}
        />
      )}
    </div>
  );
}
