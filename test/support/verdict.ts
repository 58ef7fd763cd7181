import { type History, problemsOf } from "./history.ts";
import { type LostTail, withoutLostTails } from "./lost-tail.ts";

export interface Verdict {
  /** in words; none for a history that holds */
  readonly problems: readonly string[];
  /** what a disk was made to lose, and was allowed to */
  readonly lost: LostTail;
  /** the history in figures, in one line */
  readonly counts: string;
}

/** Judges a whole history: everything in it must hold, but for tails that a checkpoint says may be lost. */
export function verdictOf(recorded: History): Verdict {
  const { history, lost } = withoutLostTails(recorded);
  return { problems: problemsOf(history), lost, counts: countsOf(recorded, lost) };
}

function countsOf({ commands, sightings, views, checkpoints }: History, lost: LostTail): string {
  const again = commands.filter(({ sentAt }) => sentAt.length > 1);
  const recorded = again.filter(({ answers }) => answers.some(({ duplicate }) => duplicate));
  const refused = commands.filter(({ refusals }) => refusals.some(({ code }) => code === "journal_unavailable"));
  const parts = [
    `${commands.length} commands`,
    `${again.length} sent again (${recorded.length} of them had been recorded)`,
    `${refused.length} refused for a time`,
    `${sightings.length} entries and ${views.length} states seen`,
    `${checkpoints.length} whole states compared`,
  ];
  if (lost.commands + lost.views > 0)
    parts.push(`lost by the disk: ${lost.commands} commands, ${lost.views} states seen`);
  return parts.join(", ");
}
