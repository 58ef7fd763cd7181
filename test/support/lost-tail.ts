import type { History } from "./history.ts";

/** What a disk lost that had promised to keep it. */
export interface LostTail {
  /** commands that were acknowledged */
  readonly commands: number;
  /** states that somebody saw */
  readonly views: number;
}

/**
 * A history without what the disk was made to lose: at a checkpoint that may have lost its tail, everything of before that
 * belongs to a higher `seq`. What is left must hold as any other history: so a gap, or anything lost below that `seq`, shows.
 */
export function withoutLostTails(history: History): { readonly history: History; readonly lost: LostTail } {
  const cuts = history.checkpoints.filter(({ mayLoseTail }) => mayLoseTail === true);
  const isLost = (tick: number, seq: number) => cuts.some((cut) => tick < cut.tick && seq > cut.seq);
  const commands = history.commands.map((command) => ({
    ...command,
    answers: command.answers.filter(({ tick, seq }) => !isLost(tick, seq)),
  }));
  const forgotten = new Set(
    commands.filter(({ answers }, at) => answers.length < history.commands[at]!.answers.length),
  );
  const views = history.views.filter(({ tick, seq }) => !isLost(tick, seq));
  return {
    history: {
      ...history,
      commands: commands.filter((command) => !forgotten.has(command) || command.answers.length > 0),
      views,
      sightings: history.sightings.filter(({ tick, version }) => !isLost(tick, version)),
      checkpoints: history.checkpoints.filter(({ tick, seq }) => !isLost(tick, seq)),
    },
    lost: { commands: forgotten.size, views: history.views.length - views.length },
  };
}
