import { JoinRefused } from "../../clients/js/src/errors.ts";
import {
  type Join,
  type JoinOptions,
  type LiveState,
  RequestRefused,
  type RoomConnection,
} from "../../clients/js/src/room.ts";
import type { ConnectionInfo, Entry, Knock, Participant } from "../../clients/js/src/state.ts";

/** A state as a room mirrors it, changed in place by the test. */
export class FakeState implements LiveState {
  sessionId = "s1";
  campaignId = "c1";
  title = "Evening";
  status: LiveState["status"] = "live";
  statusSince = 1;
  statusBy = "gm";
  statusReason = "";
  seq = 0;
  digest = "";
  digestSeq = 0;
  readonly participants = new Map<string, Participant>();
  readonly entries = new Map<string, Entry>();
  readonly hidden = new Map<string, Entry>();
  readonly connections = new Map<string, ConnectionInfo>();
  readonly knocks = new Map<string, Knock>();

  /** One committed command that wrote one entry. */
  write(path: string, value: unknown, by = "kim"): this {
    this.seq++;
    this.entries.set(path, { value: JSON.stringify(value), version: this.seq, by });
    return this;
  }
}

export interface Sent {
  readonly type: string;
  readonly payload: { readonly id: string; readonly action: string; readonly payload: Record<string, unknown> };
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

/** A room whose other side is the test. */
export class FakeRoom implements RoomConnection {
  readonly sent: Sent[] = [];
  left = false;
  dropped = false;
  pings = 0;
  #state: (state: LiveState) => void = () => {};
  #closed: (code: number, reason: string) => void = () => {};
  #message: (type: string, payload: unknown) => void = () => {};
  #pong: (rttMs: number) => void = () => {};

  onState(run: (state: LiveState) => void): void {
    this.#state = run;
  }
  onClosed(run: (code: number, reason: string) => void): void {
    this.#closed = run;
  }
  onMessage(run: (type: string, payload: unknown) => void): void {
    this.#message = run;
  }
  request(type: string, payload: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.sent.push({ type, payload: payload as Sent["payload"], resolve, reject });
    });
  }
  ping(run: (rttMs: number) => void): void {
    this.pings++;
    this.#pong = run;
  }
  leave(): void {
    this.left = true;
  }
  drop(): void {
    this.dropped = true;
  }

  shows(state: LiveState): void {
    this.#state(state);
  }
  closes(code: number, reason = ""): void {
    for (const sent of this.sent) sent.reject(new Error("connection closed before a response was received."));
    this.#closed(code, reason);
  }
  says(type: string, payload: unknown): void {
    this.#message(type, payload);
  }
  pongs(rttMs: number): void {
    this.#pong(rttMs);
  }
  get commands(): Sent[] {
    return this.sent.filter((sent) => sent.type === "command");
  }
  get ids(): string[] {
    return this.commands.map((sent) => sent.payload.id);
  }
}

export function refuse(sent: Sent, code: string, more: { retryable?: boolean; retryAfterMs?: number } = {}): void {
  sent.reject(new RequestRefused({ code, message: `no: ${code}`, retryable: false, ...more }));
}

/** A server's door. Without a plan it lets everybody in. */
export class FakeDoor {
  readonly joins: { readonly at: number; readonly options: JoinOptions; readonly token: string }[] = [];
  readonly rooms: FakeRoom[] = [];
  readonly hanging: ((room: FakeRoom) => void)[] = [];
  plan: ("room" | "nobody" | "hangs" | number)[] = [];
  #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly join: Join = (options, token) => {
    this.joins.push({ at: this.#now(), options, token });
    const next = this.plan.length > 1 ? this.plan.shift() : this.plan[0];
    if (typeof next === "number") return Promise.reject(new JoinRefused(next, `reason_${next}`));
    if (next === "nobody") return Promise.reject(new Error("ECONNREFUSED"));
    if (next === "hangs") return new Promise((resolve) => this.hanging.push(resolve));
    const room = new FakeRoom();
    this.rooms.push(room);
    return Promise.resolve(room);
  };

  get room(): FakeRoom {
    const room = this.rooms.at(-1);
    if (room === undefined) throw new Error("nobody joined yet");
    return room;
  }
}
