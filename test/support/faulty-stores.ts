import type { LogRecord } from "../../src/core/record.ts";
import { OutcomeUnknown, StoreUnavailable } from "../../src/ports/failures.ts";
import type { Projection, SessionLog } from "../../src/ports/log.ts";
import type { Snapshots } from "../../src/ports/snapshots.ts";
import type { Stores } from "../../src/ports/stores.ts";

/** How a held call ends: as if nothing had been, or with one of the faults. */
export type Ending = "stored" | "failed" | "unknown_stored" | "unknown_not_stored";

/** A call to `append` that hangs. */
export interface HeldAppend {
  /** Resolves with the records once the call has come in. */
  readonly arrived: Promise<readonly LogRecord[]>;
  /** Lets it go on; the call's own promise settles as said. */
  release(ending?: Ending): void;
}

/** Stores that fail on demand. Faults are used up in the order in which they were asked for, one per append. */
export interface FaultyStores extends Stores {
  /** every call to `append` so far, refused ones included, oldest first */
  readonly appends: readonly (readonly LogRecord[])[];
  /** The next `times` appends fail for certain: `StoreUnavailable`, nothing stored. */
  failAppend(times?: number): void;
  /** The next append throws `OutcomeUnknown`, but was stored. */
  loseAnswer(times?: number): void;
  /** The next append throws `OutcomeUnknown`, and was not stored. */
  loseAppend(times?: number): void;
  /** The next append hangs until it is released. */
  holdAppend(): HeldAppend;
  /** Until `recover`: every call to any port, `check` included, fails with `StoreUnavailable`. */
  goDown(): void;
  /** Until `recover`: every append is `OutcomeUnknown` and stored or not, as said; the rest works. */
  goUnknown(stored: boolean): void;
  /** The next `times` saves of a snapshot fail with `StoreUnavailable`. */
  failSave(times?: number): void;
  /** Ends every standing fault. Held calls stay held. */
  recover(): void;
}

type Fault = (records: readonly LogRecord[], projection: Projection | undefined) => Promise<void>;

/** Wraps stores with switches for faults; without a switch thrown they are the stores given. */
export function faulty(stores: Stores): FaultyStores {
  const appends: (readonly LogRecord[])[] = [];
  const next: Fault[] = [];
  let down = false;
  let unknown: Ending | undefined;
  let failingSaves = 0;

  const end =
    (ending: Ending): Fault =>
    async (records, projection) => {
      if (ending === "failed") throw new StoreUnavailable("a fault that the test asked for");
      if (ending !== "unknown_not_stored") await stores.log.append(records, projection);
      if (ending !== "stored") throw new OutcomeUnknown("a fault that the test asked for");
    };
  const push = (ending: Ending, times: number) => {
    for (let i = 0; i < times; i++) next.push(end(ending));
  };
  /** The port with every method refused while the store is down. */
  const refusing = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          if (down) throw new StoreUnavailable("the test took the store down");
          return member.apply(target, args);
        };
      },
    });

  const log: Pick<SessionLog, "append"> = {
    async append(records, projection) {
      appends.push(records);
      if (down) throw new StoreUnavailable("the test took the store down");
      await (next.shift() ?? end(unknown ?? "stored"))(records, projection);
    },
  };
  const saving: Pick<Snapshots, "save"> = {
    async save(snapshot) {
      if (failingSaves > 0) {
        failingSaves--;
        throw new StoreUnavailable("a fault that the test asked for");
      }
      await refusing(stores.snapshots).save(snapshot);
    },
  };

  return {
    log: overlay(refusing(stores.log), log),
    snapshots: overlay(refusing(stores.snapshots), saving),
    sessions: refusing(stores.sessions),
    campaigns: refusing(stores.campaigns),
    leases: refusing(stores.leases),
    tickets: refusing(stores.tickets),
    archive: refusing(stores.archive),
    backups: stores.backups && refusing(stores.backups),
    async check() {
      if (down) throw new StoreUnavailable("the test took the store down");
      await stores.check();
    },
    async scrub() {
      if (down) throw new StoreUnavailable("the test took the store down");
      await stores.scrub();
    },
    close: () => stores.close(),
    appends,
    failAppend: (times = 1) => push("failed", times),
    loseAnswer: (times = 1) => push("unknown_stored", times),
    loseAppend: (times = 1) => push("unknown_not_stored", times),
    holdAppend() {
      const arrived = Promise.withResolvers<readonly LogRecord[]>();
      const released = Promise.withResolvers<Ending>();
      next.push(async (records, projection) => {
        arrived.resolve(records);
        await end(await released.promise)(records, projection);
      });
      return { arrived: arrived.promise, release: (ending = "stored") => released.resolve(ending) };
    },
    goDown() {
      down = true;
    },
    goUnknown(stored) {
      unknown = stored ? "unknown_stored" : "unknown_not_stored";
    },
    failSave(times = 1) {
      failingSaves += times;
    },
    recover() {
      down = false;
      unknown = undefined;
      failingSaves = 0;
      next.length = 0;
    },
  };
}

/** A port with some methods in place of its own. @param port whose methods need no `this`: one of faulty stores */
export function overlay<T extends object>(port: T, own: Partial<T>): T {
  return new Proxy(port, { get: (target, property) => Reflect.get(property in own ? own : target, property) });
}
