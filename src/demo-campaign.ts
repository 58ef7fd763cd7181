import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Actor, Role } from "./core/session.ts";
import { DEFAULT_MAX_PARTICIPANTS, DEFAULT_SETTINGS } from "./core/settings.ts";
import type { RunningSessions } from "./live/sessions.ts";
import type { Clock } from "./ports/clock.ts";
import type { Stores } from "./ports/stores.ts";

const CAMPAIGN_ID = "demo";
const DICE = fileURLToPath(new URL("../examples/actions/dice.ts", import.meta.url));
/** The actions module of a server in dev login that names none: the example's dice. Null where the examples are not there. */
export const DEMO_ACTIONS: string | null = existsSync(DICE) ? DICE : null;
const PEOPLE: readonly { readonly userId: string; readonly name: string; readonly role: Role }[] = [
  { userId: "gwen", name: "Gwen", role: "gm" },
  { userId: "pia", name: "Pia", role: "player" },
  { userId: "paul", name: "Paul", role: "player" },
  { userId: "petra", name: "Petra", role: "player" },
];

/** The campaign that a server in dev login shows to a newcomer: a GM, three players, one session. Made once. */
export async function demoCampaign(
  stores: Pick<Stores, "campaigns" | "sessions">,
  running: RunningSessions,
  clock: Clock,
) {
  if ((await stores.campaigns.find(CAMPAIGN_ID)) === undefined) {
    const createdAt = clock.now();
    await stores.campaigns.create({ id: CAMPAIGN_ID, name: "The Sunken Library", createdAt, members: PEOPLE });
  }
  const { items } = await stores.sessions.list(CAMPAIGN_ID, { limit: 1 });
  const session = items[0] ?? (await firstSession(running));
  // Its GM may have been demoted, for the demo is a campaign as any other.
  if (typeof session === "string") return undefined;
  const { sessionId } = session;
  return { campaignId: CAMPAIGN_ID, sessionId, people: PEOPLE };
}

function firstSession(running: RunningSessions) {
  const gm: Actor = { userId: "gwen", name: "Gwen", role: "gm", via: "member" };
  const title = "First evening";
  const input = {
    campaignId: CAMPAIGN_ID,
    title,
    maxParticipants: DEFAULT_MAX_PARTICIPANTS,
    settings: DEFAULT_SETTINGS,
  };
  return running.create(input, gm);
}
