import { Latencies, type LatenciesData } from "./latencies.ts";

/** A `Tally` as plain data. */
export interface TallyData {
  readonly joinMs: LatenciesData;
  readonly acknowledgedMs: LatenciesData;
  readonly visibleMs: LatenciesData;
  readonly backMs: LatenciesData;
  readonly sent: number;
  readonly duplicates: number;
  readonly delivered: number;
  readonly bytesReceived: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly closed: Readonly<Record<string, number>>;
}

/** What happened to some clients, counted; those of several worker processes add up. */
export class Tally {
  /** from asking to join until the whole state was there */
  readonly joinMs = new Latencies();
  /** from sending a command until its answer */
  readonly acknowledgedMs = new Latencies();
  /** from sending a `set` until another client's state shows it */
  readonly visibleMs = new Latencies();
  /** from losing the connection until the whole state was there again */
  readonly backMs = new Latencies();
  sent = 0;
  /** commands whose first answer was lost, and that were found committed when sent again */
  duplicates = 0;
  /** commands whose effect reached a client, counted per client */
  delivered = 0;
  /** WebSocket frames with their headers */
  bytesReceived = 0;
  /** answers other than "done", by code; `no_answer` for those that never came on a connection */
  readonly refused: Record<string, number> = {};
  /** ends of connections that we did not ask for, by close code; 4010 has many meanings, and is counted by its reason, too */
  readonly closed: Record<string, number> = {};

  countRefused(code: string): void {
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }

  countClosed(code: number, reason: string): void {
    const how = code === 4010 ? `${code} ${reason}` : String(code);
    this.closed[how] = (this.closed[how] ?? 0) + 1;
  }

  /** Back to nothing, for those who go on counting into it. */
  reset(): void {
    for (const latencies of [this.joinMs, this.acknowledgedMs, this.visibleMs, this.backMs]) latencies.reset();
    for (const counts of [this.refused, this.closed]) for (const code of Object.keys(counts)) delete counts[code];
    this.sent = this.duplicates = this.delivered = this.bytesReceived = 0;
  }

  add(other: TallyData): void {
    this.joinMs.add(other.joinMs);
    this.acknowledgedMs.add(other.acknowledgedMs);
    this.visibleMs.add(other.visibleMs);
    this.backMs.add(other.backMs);
    this.sent += other.sent;
    this.duplicates += other.duplicates;
    this.delivered += other.delivered;
    this.bytesReceived += other.bytesReceived;
    for (const [code, times] of Object.entries(other.refused)) this.refused[code] = (this.refused[code] ?? 0) + times;
    for (const [code, times] of Object.entries(other.closed)) this.closed[code] = (this.closed[code] ?? 0) + times;
  }

  data(): TallyData {
    const { sent, duplicates, delivered, bytesReceived } = this;
    return {
      joinMs: this.joinMs.data(),
      acknowledgedMs: this.acknowledgedMs.data(),
      visibleMs: this.visibleMs.data(),
      backMs: this.backMs.data(),
      refused: { ...this.refused },
      closed: { ...this.closed },
      ...{ sent, duplicates, delivered, bytesReceived },
    };
  }
}
