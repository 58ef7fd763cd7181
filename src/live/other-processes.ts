import { JournalUnavailable } from "./journal.ts";

/** What is known of the processes that share the store with this one. */
export interface OtherProcesses {
  /** Whether a process is there, as far as this one can tell; of itself true. One that is new is looked for. @throws StoreUnavailable */
  isThere(processId: string): Promise<boolean>;
  /** Before a session of a dead process is opened here: should it be there after all, it is told. @throws StoreUnavailable */
  takeForDead(processId: string): Promise<void>;
}

/** The same, and when one of them is gone. */
export interface WatchedProcesses extends OtherProcesses {
  listen(listener: { died(): void }): void;
}

/** Another living process hosts the session, or is opening it. */
export class HostedElsewhere extends JournalUnavailable {
  readonly processId: string;
  constructor(processId: string) {
    super("another process hosts the session");
    this.processId = processId;
  }
}
