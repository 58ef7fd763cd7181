import { waiting } from "../core/knock-fold.ts";
import type { RecordContent } from "../core/record.ts";
import type { Actor, Invite, Settings } from "../core/session.ts";
import { SessionState } from "../core/state.ts";
import type { Campaign, SessionRefused } from "../ports/campaigns.ts";
import type { ProcessBeat } from "../ports/leases.ts";
import type { CommandDeps } from "./command-desk.ts";
import type { Handover } from "./handover.ts";
import { Heartbeat, type ThisProcess } from "./heartbeat.ts";
import { HostedSession } from "./hosted-session.ts";
import { JournalUnavailable } from "./journal.ts";
import { MemberChanges } from "./member-changes.ts";
import { nextRecord } from "./next-record.ts";
import { note } from "./notes.ts";
import type { Closing } from "./observer.ts";
import type { Restored } from "./restore.ts";
import { accessRowsOf, rowOf } from "./row.ts";
import type { RunningSessions } from "./sessions.ts";
import { SnapshotWriter } from "./snapshot-writer.ts";
import { Snapshotter } from "./snapshotter.ts";
import { doorOf, type SessionDoor, StoredSessions, type StoredSessionsDeps } from "./stored-sessions.ts";
import { type TakeOverDeps, takeOver } from "./take-over.ts";

export interface HostingDeps extends CommandDeps, TakeOverDeps, StoredSessionsDeps {
  readonly onOpened?: (session: HostedSession, milliseconds: number) => void;
  readonly onClosed?: (session: HostedSession, why: Closing) => void;
  /** a session's code threw: it is closed, and opened again from its log by whoever comes next */
  readonly onBroken?: (sessionId: string, error: unknown) => void;
  /** what the others are told of this process; absent: it serves alone */
  readonly self?: Omit<ThisProcess, "processId"> & { readonly connections: () => number };
  /** Tells the other processes of a change of a campaign's members; resolves when those that can be told have taken it. */
  readonly tellOthers?: (change: {
    readonly campaignId: string;
    readonly userId: string;
    readonly by: Actor;
  }) => Promise<void>;
  /** a heartbeat was taken: whether others took this process for dead before it */
  readonly onBeat?: (wasTakenForDead: boolean) => void;
}

/** A process that nobody else asks anything. */
const ALONE = { internalUrl: null, publicAddress: null, version: "", connections: () => 0 };

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
  #isDraining = false;
  #stopped = false;
  readonly #heartbeat: Heartbeat;
  readonly #writer: SnapshotWriter;
  readonly #stored: StoredSessions;

  constructor(deps: HostingDeps) {
    this.#deps = deps;
    this.memberChanges = new MemberChanges(deps.clock);
    const { connections, ...told } = deps.self ?? ALONE;
    this.#heartbeat = new Heartbeat({
      leases: deps.stores.leases,
      clock: deps.clock,
      process: { ...told, processId: deps.processId },
      load: () => ({ sessions: this.#sessions.size, connections: connections() }),
      onBeat: (wasTakenForDead) => deps.onBeat?.(wasTakenForDead),
    });
    this.#writer = new SnapshotWriter(deps.clock);
    this.#stored = new StoredSessions(deps, this.#writer);
  }

  /** First heartbeat, and from then on. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.#heartbeat.start();
  }

  /** This process as the others are told of it. */
  get self(): ProcessBeat {
    return this.#heartbeat.now;
  }

  /** From now on this process opens no more sessions, and the others are told so. */
  async drains(): Promise<void> {
    this.#isDraining = true;
    await this.#heartbeat.drains();
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
  ): Promise<SessionState | SessionRefused> {
    const { chance, clock, stores } = this.#deps;
    const state = new SessionState(chance.id());
    const created: RecordContent = { kind: "created", ...input, createdBy: creator.userId };
    const { title, maxParticipants } = input;
    const notes = [note("session.created", creator, clock.now(), { title, maxParticipants })];
    const record = nextRecord(state, 0, created, notes, chance.id(), clock.now());
    state.apply(record);
    const projection = { row: rowOf(state), access: accessRowsOf(state), isWhole: true };
    const outcome = await stores.campaigns.addSession(input.campaignId, record, projection, creator.userId);
    if (outcome !== "added") return outcome;
    this.#deps.facts?.recorded(record);
    return state;
  }

  async read(sessionId: string): Promise<SessionState | undefined> {
    return this.running(sessionId)?.committed ?? (await this.#stored.read(sessionId));
  }

  async door(sessionId: string, userId: string, inviteHash?: string): Promise<SessionDoor | undefined> {
    const running = this.running(sessionId)?.committed;
    return running === undefined ? await this.#stored.door(sessionId, userId, inviteHash) : doorOf(running, userId);
  }

  async invitesOf(sessionId: string): Promise<readonly Invite[]> {
    const running = this.running(sessionId)?.committed;
    return running === undefined ? await this.#stored.invitesOf(sessionId) : [...running.invites.values()];
  }

  /** Notes who may come into a session, of which a former program noted nothing. @throws as `read`, and OutcomeUnknown */
  async learn(sessionId: string): Promise<void> {
    const running = this.running(sessionId)?.committed;
    if (running === undefined) await this.#stored.learn(sessionId);
    else await this.#deps.stores.sessions.learn(sessionId, accessRowsOf(running), running.pos);
  }

  online(sessionId: string): number {
    return this.running(sessionId)?.presence.online ?? 0;
  }

  /** @throws NoSuchSession | HostedElsewhere | JournalUnavailable | StoreUnavailable | StoredDataDamaged */
  open(sessionId: string, handover?: Handover): Promise<HostedSession> {
    const running = this.#sessions.get(sessionId);
    if (running?.open) return Promise.resolve(running);
    let opening = this.#opening.get(sessionId);
    if (opening === undefined) {
      opening = this.#open(sessionId, running, handover).finally(() => this.#opening.delete(sessionId));
      this.#opening.set(sessionId, opening);
    }
    return opening;
  }

  /**
   * Opens a session that its host hands over, and goes on with it as that one had it.
   * @throws as `open`
   */
  async receive(sessionId: string, handover: Handover): Promise<HostedSession> {
    for (;;) {
      // One for which somebody asked here will find that its host still has it.
      await this.#opening.get(sessionId)?.catch(() => undefined);
      if (!this.#opening.has(sessionId)) return await this.open(sessionId, handover);
    }
  }

  /** Resolves when no session is being opened any more. */
  async nothingOpens(): Promise<void> {
    await Promise.allSettled(this.#opening.values());
  }

  async memberChanged(campaign: Campaign, userId: string, by: Actor): Promise<void> {
    const { tellOthers } = this.#deps;
    await Promise.all([
      this.memberChangedElsewhere(campaign, userId, by),
      tellOthers?.({ campaignId: campaign.id, userId, by }),
    ]);
  }

  /** The same, of which another process told: @param campaign as stored since */
  async memberChangedElsewhere(campaign: Campaign, userId: string, by: Actor): Promise<void> {
    const member = campaign.members.find((one) => one.userId === userId);
    const now = { member, removal: member === undefined ? campaign.removals : 0 };
    this.memberChanges.note(campaign, userId, now);
    // One that is being opened may have read the members before the change.
    await Promise.allSettled(this.#opening.values());
    const here = [...this.#sessions.values()].filter(({ committed }) => committed.campaignId === campaign.id);
    await Promise.all(here.map((session) => session.memberChanged(userId, now, by)));
  }

  /** Hands everything over: no session is opened any more, and those that run are closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#opening.values());
    await Promise.all([...this.#sessions.values()].map((session) => session.close("server_restarting")));
    this.#stored.stop();
    await this.#heartbeat.stop();
  }

  async #open(
    sessionId: string,
    closing: HostedSession | undefined,
    handover: Handover | undefined,
  ): Promise<HostedSession> {
    await closing?.close("idle");
    if (this.#isDraining || this.#stopped) throw new JournalUnavailable("this process is stopping");
    const startedAt = performance.now();
    const restored = await this.#stored.restore(sessionId, "urgent");
    if (restored === undefined) throw new NoSuchSession("there is no such session");
    const { state } = restored;
    const opened = await takeOver(restored, { ...this.#deps, ...(handover && { handover }) });
    this.#deps.facts?.recorded(opened);
    if (this.#stopped) {
      await this.#deps.stores.leases.release(sessionId, state.epoch).catch(() => undefined);
      throw new JournalUnavailable("this process is stopping");
    }
    const session = new HostedSession(state, this.#snapshotterOf(restored), {
      ...this.#deps,
      // Had another host come in between, what this one knew would be of no use: then everybody was away.
      ...(handover !== undefined && !opened.audit.some(({ kind }) => kind === "session.restored") ? { handover } : {}),
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

  #snapshotterOf({ state, snapshotPos, tail }: Restored): Snapshotter {
    const { stores, clock, meter, facts, onSnapshotFailed } = this.#deps;
    const { sessionId } = state;
    return new Snapshotter(
      state,
      { snapshotPos, bytesBehind: tail.bytes },
      {
        ...{ stores, clock, writer: this.#writer },
        onFailure: (error) => onSnapshotFailed(sessionId, error),
        onSaved: (pos, milliseconds) => {
          meter?.snapshotSaved(milliseconds);
          facts?.snapshotSaved(sessionId, pos, milliseconds);
        },
      },
    );
  }

  /** What changed in the campaign's members while the session did not run. */
  async #catchUpWithCampaign(session: HostedSession): Promise<void> {
    const { places, campaignId } = session.committed;
    const waits = waiting(session.committed).map(({ userId }) => userId);
    const people = new Set([...places.keys(), ...waits]);
    if (people.size === 0) return;
    const { campaigns } = this.#deps.stores;
    // One look for all who are members; of the others it matters besides which removal took them out.
    const members = new Map((await campaigns.find(campaignId))?.members.map((member) => [member.userId, member]));
    const memberships = await Promise.all(
      Array.from(people, async (userId) => {
        const member = members.get(userId);
        const now = member === undefined ? await campaigns.findMembership(campaignId, userId) : { member, removal: 0 };
        return [userId, now] as const;
      }),
    );
    for (const [userId, now] of memberships) await session.memberChanged(userId, now, undefined);
  }
}
