import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { endsWithUs } from "../support/children.ts";
import { Evening } from "../support/evening.ts";
import { Person } from "../support/people.ts";
import type { ServerProcess } from "../support/server.ts";

const ENTRIES = 9_900;
/** 4 MiB with it all but full. */
const VALUE = "x".repeat(395);
const PER_COMMAND = 450;

/** Whom and what a hostile crowd knows: as JSON from the test to the process of the crowd. */
export interface HostileScene {
  readonly url: string;
  readonly port: number;
  /** how long the crowd goes on */
  readonly seconds: number;
  /** bearer tokens; the stranger's is of nobody who belongs to anything */
  readonly tokens: { readonly player: string; readonly spectator: string; readonly stranger: string };
  /** a full session that runs, one that does not, and an invite to that one */
  readonly full: string;
  readonly sleeping: string;
  readonly invite: string;
  /** the player's own campaign, and a session of it with many entries */
  readonly ownCampaign: string;
  readonly ownSession: string;
}

/** What came of it: how often each attack was made, and what was answered, by attack and status. */
export type CrowdReport = Readonly<
  Record<string, { readonly rounds: number; readonly told: Readonly<Record<string, number>> }>
>;

/** Sets the scene on a server. @param asked by way of which the crowd comes, where it is another one */
export async function sceneOn(server: ServerProcess, seconds: number, asked = server): Promise<HostileScene> {
  const crowd = { mallory: "player", eve: "spectator" } as const;
  const session = { settings: { connectionsPerParticipant: 8 } };
  const full = await Evening.prepare(server, { members: crowd, session });
  await fill(full);
  const create = async (body: object) =>
    (await full.gm.get<{ id: string }>("POST", `/api/campaigns/${full.campaignId}/sessions`, body)).id;
  const sleeping = await create({ title: "Asleep", continueFrom: full.sessionId });
  const { token: invite } = await full.gm.get<{ token: string }>("POST", `/api/sessions/${sleeping}/invites`, {
    maxUses: 500,
  });
  const own = await Evening.prepare(server, { gm: "mallory", session });
  await fill(own);
  return {
    ...{ url: asked.url, port: asked.port, seconds },
    tokens: {
      player: full.person("mallory").token,
      spectator: full.person("eve").token,
      stranger: (await Person.of(server, "stranger")).token,
    },
    ...{ full: full.sessionId, sleeping, invite, ownCampaign: own.campaignId, ownSession: own.sessionId },
  };
}

/** Its GM leaves then: what the SDK decodes of a full table would be time of this process, and of the quiet table. */
async function fill(evening: Evening): Promise<void> {
  const seat = await evening.gm.join(evening.sessionId);
  for (let first = 0; first < ENTRIES; first += PER_COMMAND) {
    const value = Object.fromEntries(Array.from({ length: PER_COMMAND }, (_, i) => [`e${first + i}`, VALUE]));
    await seat.command("merge", { path: "shared/a", value });
  }
  await seat.leave();
}

/** Lets the crowd loose for as long as the scene says. @throws where the crowd itself fails */
export function letLoose(scene: HostileScene): Promise<CrowdReport> {
  const program = fileURLToPath(new URL("hostile-crowd.ts", import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(scene)], { stdio: ["ignore", "pipe", "inherit"] });
  endsWithUs(child);
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(said) as CrowdReport);
      else reject(new Error(`the crowd ended with ${code}`));
    });
  });
}
