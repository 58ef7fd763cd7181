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
