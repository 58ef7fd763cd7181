import type { AuditNote, LogRecord, RecordContent } from "../core/record.ts";
import type { Actor, Settings } from "../core/session.ts";
import { SessionState } from "../core/state.ts";
import type { Campaign } from "../ports/campaigns.ts";
import { PositionTaken, type StoredDataDamaged } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";
import { aliveUntil } from "./alive-until.ts";
import { ANSWER_TIMEOUT_MS } from "./append.ts";
import type { CommandDeps } from "./command-desk.ts";
import { HostedSession } from "./hosted-session.ts";
import { JournalUnavailable } from "./journal.ts";
import { MemberChanges } from "./member-changes.ts";
import { nextRecord } from "./next-record.ts";
import { note, SYSTEM } from "./notes.ts";
import type { Closing } from "./observer.ts";
import { readOn, restore } from "./restore.ts";
import { rowOf } from "./row.ts";
import type { RunningSessions } from "./sessions.ts";
import { Snapshotter } from "./snapshotter.ts";

/** How often a host tries for the next position before it says that the session is not to be had for now. */
const OPEN_TRIES = 5;
/** Each process keeps one heartbeat in the store; dead after 2.5 s without. */
const BEAT_EVERY_MS = 1_000;

export interface HostingDeps extends CommandDeps {
  readonly stores: Stores;
  /** of this life of this process */
  readonly processId: string;
  readonly onDamaged: (problem: StoredDataDamaged) => void;
  readonly onOpened?: (session: HostedSession, milliseconds: number) => void;
  readonly onClosed?: (session: HostedSession, why: Closing) => void;
  /** a session's code threw: it is closed, and opened again from its log by whoever comes next */
  readonly onBroken?: (sessionId: string, error: unknown) => void;
  readonly onSnapshotFailed: (sessionId: string, error: unknown) => void;
}

/** There is no such session. */
export class NoSuchSession extends Error {
  override readonly name = "NoSuchSession";
}

/** Which sessions this process hosts. Opens each at most once at a time, from what is stored. */
export class Hosting implements RunningSessions {
  readonly #deps: HostingDeps;
  readonly #sessions = new Map<string, HostedSession>();
  readonly #opening = new Map<string, Promise<HostedSession>>();
  readonly memberChanges: MemberChanges;
  #stopped = false;
  #cancelBeat: (() => void) | undefined;

  constructor(deps: HostingDeps) {
    this.#deps = deps;
    this.memberChanges = new MemberChanges(deps.clock);
  }

  /** First heartbeat, and from then on. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.#beat();
  }

  /** The sessions that run here now. */
  get sessions(): Iterable<HostedSession> {
    return this.#sessions.values();
  }

  /** One that runs here now, if it does. */
  running(sessionId: string): HostedSession | undefined {
    const session = this.#sessions.get(sessionId);
    return session?.open ? session : undefined;
  }

  /** Whether a session runs here now, or is being opened or closed. */
  isHere(sessionId: string): boolean {
    return this.#sessions.has(sessionId) || this.#opening.has(sessionId);
  }

  async create(
    input: {
      readonly campaignId: string;
      readonly title: string;
      readonly maxParticipants: number;
      readonly settings: Settings;
      readonly continued?: readonly (readonly [path: string, value: string, by: string])[];
    },
    creator: Actor,
  ): Promise<SessionState> {
    const { chance, clock, stores } = this.#deps;
    const state = new SessionState(chance.id());
    const created: RecordContent = { kind: "created", ...input, createdBy: creator.userId };
    const { title, maxParticipants } = input;
    const record = this.#record(state, 0, created, [
      note("session.created", creator, clock.now(), { title, maxParticipants }),
    ]);
    state.apply(record);
    await stores.log.append([record], { row: rowOf(state) });
    this.#deps.facts?.recorded(record);
    return state;
  }

  async read(sessionId: string): Promise<SessionState | undefined> {
    const running = this.running(sessionId);
    if (running !== undefined) return running.committed;
    return (await restore(sessionId, this.#deps.stores, this.#deps.onDamaged))?.state;
  }

  online(sessionId: string): number {
    return this.running(sessionId)?.presence.online ?? 0;
  }

  /** @throws NoSuchSession | JournalUnavailable | StoreUnavailable | StoredDataDamaged */
  open(sessionId: string): Promise<HostedSession> {
    const running = this.#sessions.get(sessionId);
    if (running?.open) return Promise.resolve(running);
    let opening = this.#opening.get(sessionId);
    if (opening === undefined) {
      opening = this.#open(sessionId, running).finally(() => this.#opening.delete(sessionId));
      this.#opening.set(sessionId, opening);
    }
    return opening;
  }

  async memberChanged(campaign: Campaign, userId: string, by: Actor): Promise<void> {
    const member = campaign.members.find((one) => one.userId === userId);
    this.memberChanges.note(campaign.id, userId, member);
    // One that is being opened may have read the members before the change.
    await Promise.allSettled(this.#opening.values());
    const here = [...this.#sessions.values()].filter(({ committed }) => committed.campaignId === campaign.id);
    await Promise.all(here.map((session) => session.memberChanged(userId, member, by)));
  }

  /** Hands everything over: no session is opened any more, and those that run are closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#opening.values());
    await Promise.all([...this.#sessions.values()].map((session) => session.close("server_restarting")));
    this.#cancelBeat?.();
  }

  async #open(sessionId: string, closing: HostedSession | undefined): Promise<HostedSession> {
    await closing?.close("idle");
    if (this.#stopped) throw new JournalUnavailable("this process is stopping");
    const startedAt = performance.now();
    const { stores, clock, onDamaged, onSnapshotFailed } = this.#deps;
    const restored = await restore(sessionId, stores, onDamaged);
    if (restored === undefined) throw new NoSuchSession("there is no such session");
    const { state, snapshotPos } = restored;
    await this.#takeOver(state);
    if (this.#stopped) throw new JournalUnavailable("this process is stopping");
    await stores.leases.claim({ sessionId, processId: this.#deps.processId, epoch: state.epoch });
    const onSaved = (pos: number, milliseconds: number): void => {
      this.#deps.meter?.snapshotSaved(milliseconds);
      this.#deps.facts?.snapshotSaved(sessionId, pos, milliseconds);
    };
    const onFailed = (error: unknown): void => onSnapshotFailed(sessionId, error);
    const snapshotter = new Snapshotter(state, snapshotPos, stores, clock, onFailed, onSaved);
    const session = new HostedSession(state, snapshotter, {
      ...this.#deps,
      onClosed: (closed, why) => {
        if (this.#sessions.get(sessionId) === closed) this.#sessions.delete(sessionId);
        this.#deps.onClosed?.(closed, why);
      },
    });
    try {
      await this.#catchUpWithCampaign(session);
    } catch (error) {
      // Not to be left behind, running, beside the one that the next try opens.
      await session.close("host_moved");
      throw error;
    }
    this.#sessions.set(sessionId, session);
    this.#deps.onOpened?.(session, performance.now() - startedAt);
    return session;
  }

  /** A host's first act: `opened` at the next position, with the next epoch. Until it is stored nothing is shown. */
  async #takeOver(state: SessionState): Promise<void> {
    const { stores, processId, clock } = this.#deps;
    for (let tries = 1; ; tries++) {
      const notes: AuditNote[] = [];
      if (state.process !== null && state.process !== processId) {
        notes.push(note("host.changed", SYSTEM, clock.now(), { epoch: state.epoch + 1 }));
      }
      if (state.places.size > 0) {
        const until = new Date(await aliveUntil(state, stores.leases, clock.now())).toISOString();
        notes.push(note("session.restored", SYSTEM, clock.now(), { aliveUntil: until }));
      }
      const record = this.#record(state, state.epoch + 1, { kind: "opened", process: processId }, notes);
      try {
        const after = state.clone();
        after.apply(record);
        await this.#inTime(stores.log.append([record], { row: rowOf(after) }));
        state.apply(record);
        this.#deps.facts?.recorded(record);
        return;
      } catch (error) {
        if (!(error instanceof PositionTaken)) throw error;
        if (tries === OPEN_TRIES) throw new JournalUnavailable("others open this session at the same time");
        await readOn(state, stores);
      }
    }
  }

  /** A store that hangs is not waited for: whoever opens the session next finds what became of it in the log. */
  #inTime(answer: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new JournalUnavailable("the store has not answered"));
      const cancel = this.#deps.clock.after(ANSWER_TIMEOUT_MS, late);
      answer.then(resolve, reject).finally(cancel);
    });
  }

  /** What changed in the campaign's members while the session did not run. */
  async #catchUpWithCampaign(session: HostedSession): Promise<void> {
    const { places, campaignId } = session.committed;
    if (places.size === 0) return;
    const campaign = await this.#deps.stores.campaigns.find(campaignId);
    for (const { userId } of [...places.values()]) {
      const member = campaign?.members.find((one) => one.userId === userId);
      await session.memberChanged(userId, member, undefined);
    }
  }

  #record(state: SessionState, epoch: number, content: RecordContent, notes: readonly AuditNote[]): LogRecord {
    const { chance, clock } = this.#deps;
    return nextRecord(state, epoch, content, notes, chance.id(), clock.now());
  }

  async #beat(): Promise<void> {
    const { stores, processId, clock } = this.#deps;
    await stores.leases.beat({ processId, beatAt: clock.now() });
    this.#armBeat();
  }

  #armBeat(): void {
    if (this.#stopped) return;
    // A beat that fails is not retried sooner: the log, not the heartbeat, decides who may write.
    this.#cancelBeat = this.#deps.clock.after(BEAT_EVERY_MS, () => {
      this.#beat().catch(() => this.#armBeat());
    });
  }
}
