import { systemClock } from "./clock.ts";
import { joinWithColyseus } from "./colyseusRoom.ts";
import { randomId } from "./command.ts";
import { memoryStorage } from "./memoryStorage.ts";
import { serverAnswers } from "./probe.ts";
import type { OutboxStorage } from "./storage.ts";
import { Table } from "./table.ts";
import type { TokenSource } from "./tokens.ts";

export interface ConnectOptions {
  /** `https://host`, `http://host:port`, `wss://…` or `ws://…` */
  readonly endpoint: string;
  readonly sessionId: string;
  /** a JWT, or a function that gets one: then it is renewed before it ends */
  readonly token: TokenSource;
  /** an invite's token, for somebody who is no member; sent until it worked once */
  readonly invite?: string;
  /** what the GM reads about this device, at most 64 characters */
  readonly client?: string;
  /** where commands wait; default: memory, which a reload empties */
  readonly storage?: OutboxStorage;
  /** the user id, where `token` is a function that may fail offline: the outbox is read without waiting for it */
  readonly userId?: string;
  /** whether `view()` shows own commands before they are answered; default true */
  readonly optimistic?: boolean;
  /** commands under way at once; default 1, the only number that keeps their order also when the server asks for a retry */
  readonly inFlight?: number;
  /** more waiting commands than this are not taken; default 1000 */
  readonly maxWaiting?: number;
  /** default 8,000 */
  readonly joinTimeoutMs?: number;
  /** default 10,000 */
  readonly requestTimeoutMs?: number;
  /** default 5,000 */
  readonly pingEveryMs?: number;
  /** silence after a ping that counts as a dead line; default 8,000 */
  readonly pingTimeoutMs?: number;
  /** whether measured round trips are told to the server, in place of its own figure; default false */
  readonly reportLatency?: boolean;
}

/**
 * Takes a seat at a session. Answers at once, so that commands can be taken while offline: `table.ready` says when the
 * state is here. Throws only where `endpoint` is no address.
 */
export function connect(options: ConnectOptions): Table {
  const { endpoint, sessionId, invite, client } = options;
  const table = new Table({
    clock: systemClock,
    join: joinWithColyseus(endpoint),
    probe: () => serverAnswers(endpoint),
    storage: options.storage ?? memoryStorage(),
    token: options.token,
    joinOptions: {
      sessionId,
      ...(invite === undefined ? {} : { invite }),
      ...(client === undefined ? {} : { client }),
    },
    userId: options.userId,
    optimistic: options.optimistic ?? true,
    inFlight: options.inFlight ?? 1,
    maxWaiting: options.maxWaiting ?? 1000,
    joinTimeoutMs: options.joinTimeoutMs ?? 8000,
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    pingEveryMs: options.pingEveryMs ?? 5000,
    pingTimeoutMs: options.pingTimeoutMs ?? 8000,
    reportLatency: options.reportLatency ?? false,
    newId: randomId,
  });
  wakeWithThePage(table);
  return table;
}

interface PageEvents {
  addEventListener?(name: string, run: () => void): void;
  removeEventListener?(name: string, run: () => void): void;
  readonly document?: PageEvents & { readonly visibilityState: string };
}

/** In a browser: the network is back, the page is looked at again. Elsewhere nothing. */
function wakeWithThePage(table: Table): void {
  const page = globalThis as PageEvents;
  if (page.addEventListener === undefined || page.document === undefined) return;
  const wake = () => table.wake();
  const wakeIfVisible = () => page.document?.visibilityState === "visible" && table.wake();
  page.addEventListener("online", wake);
  page.document.addEventListener?.("visibilitychange", wakeIfVisible);
  table.on("closed", () => {
    page.removeEventListener?.("online", wake);
    page.document?.removeEventListener?.("visibilitychange", wakeIfVisible);
  });
}
