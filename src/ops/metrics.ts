import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { ClusterEvents } from "../cluster/cluster.ts";
import type { RefusalCode } from "../core/refusal.ts";
import type { CommandOutcome, LiveMeter } from "../live/meter.ts";
import { CLOSE_WORDS } from "../room/close-codes.ts";
import { JOIN_CODES, type JoinReason } from "../room/door.ts";
import type { RoomMeter } from "../room/meter.ts";
import { clusterMetrics, type ObservedCluster } from "./cluster-metrics.ts";
import { readGauges } from "./read-gauge.ts";
import { type ObservedSession, sessionGauges } from "./session-gauges.ts";
import { Tally } from "./tally.ts";

const PREFIX = "campaign_live_";

/** From a tenth of a millisecond to the 3 s after which a journal is in doubt, in seconds. */
const LATENCIES_S = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3];
const LONG_LATENCIES_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** The loop's delay is sampled so often: a native timer, the only thing here that runs while nobody asks. */
const LOOP_SAMPLE_MS = 20;

const REFUSALS: { readonly [code in RefusalCode]: true } = {
  bad_request: true,
  unknown_action: true,
  invalid_path: true,
  path_conflict: true,
  forbidden: true,
  conflict: true,
  not_found: true,
  not_a_number: true,
  not_an_array: true,
  limit_exceeded: true,
  session_not_live: true,
  session_paused: true,
  session_ended: true,
  rate_limited: true,
  journal_unavailable: true,
  unauthenticated: true,
  internal: true,
};

const FORWARDING_OUTCOMES = ["answered", "unavailable"] as const;
type ForwardingOutcome = (typeof FORWARDING_OUTCOMES)[number];

/** What figures are taken of when somebody asks for them. */
export interface Observed {
  /** those that run in this process */
  sessions(): Iterable<ObservedSession>;
  /** over WebSockets, since the process started; never falls */
  bytesSent(): number;
}

/** The process' figures, in one registry of their own. Times go in as ms and come out as seconds. */
export class Metrics implements LiveMeter, RoomMeter {
  readonly #registry = new Registry();
  readonly #outcomes: Tally<CommandOutcome>;
  readonly #joins: Tally<JoinReason | "joined">;
  readonly #closes: Tally<string>;
  readonly #decide: Histogram;
  readonly #append: Histogram;
  readonly #visible: Histogram;
  readonly #snapshot: Histogram;
  readonly #restore: Histogram;
  #patches = 0;
  #forgotten = 0;

  constructor(observed: Observed) {
    const registry = this.#registry;
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLE_MS });
    sessionGauges(registry, PREFIX, () => observed.sessions());
    const tally = <Label extends string>(name: string, help: string, label: string, known: readonly Label[]) =>
      new Tally(registry, `${PREFIX}${name}`, help, label, known);
    const refusals = Object.keys(REFUSALS) as RefusalCode[];
    const reasons = Object.keys(JOIN_CODES) as JoinReason[];
    this.#outcomes = tally("commands_total", "Commands answered", "outcome", ["accepted", "duplicate", ...refusals]);
    this.#joins = tally("joins_total", "Tries to join, by what came of them", "outcome", ["joined", ...reasons]);
    this.#closes = tally("connections_closed_total", "Connections that ended, by close code", "reason", CLOSE_WORDS);
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name: `${PREFIX}${name}_seconds`, help, buckets, registers: [registry] });
    this.#decide = histogram("decide", "Deciding one command", LATENCIES_S);
    this.#append = histogram("commit", "One append, from the call to the store's answer", LATENCIES_S);
    this.#visible = histogram("visible", "From a command's decision to its patch sent", LATENCIES_S);
    this.#snapshot = histogram("snapshot", "Writing and storing one snapshot", LONG_LATENCIES_S);
    this.#restore = histogram("restore", "Opening one session from what is stored", LONG_LATENCIES_S);
    this.#sum("patches_sent_total", "Patches sent, each to everybody in its room", () => this.#patches);
    this.#sum("sessions_forgotten_total", "Ended sessions whose content was forgotten", () => this.#forgotten);
    this.#sum("websocket_sent_bytes_total", "Bytes sent over WebSockets", () => observed.bytesSent());
  }

  /** What happens between processes is counted too, from now on. */
  cluster(observed: ObservedCluster): ClusterEvents {
    return clusterMetrics(this.#registry, PREFIX, observed);
  }

  /** Everything as Prometheus text. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  decided(milliseconds: number): void {
    this.#decide.observe(milliseconds / 1_000);
  }

  appended(milliseconds: number): void {
    this.#append.observe(milliseconds / 1_000);
  }

  shown(milliseconds: number): void {
    this.#visible.observe(milliseconds / 1_000);
  }

  answered(outcome: CommandOutcome): void {
    this.#outcomes.add(outcome);
  }

  snapshotSaved(milliseconds: number): void {
    this.#snapshot.observe(milliseconds / 1_000);
  }

  /** A session was opened here. */
  restored(milliseconds: number): void {
    this.#restore.observe(milliseconds / 1_000);
  }

  joined(): void {
    this.#joins.add("joined");
  }

  joinRefused(reason: JoinReason): void {
    this.#joins.add(reason);
  }

  disconnected(why: string): void {
    this.#closes.add(why);
  }

  patchSent(): void {
    this.#patches++;
  }

  /**
   * Figures of a process that asks others; without this there are none of them.
   * @param passedOn WebSockets that are passed on now
   * @returns to be told of each request that went to another process
   */
  asksOthers(passedOn: () => number): (outcome: ForwardingOutcome) => void {
    const name = `${PREFIX}forwarded_requests_total`;
    const help = "Requests that went to the process that hosts their session, by what came of them";
    const outcomes = new Tally(this.#registry, name, help, "outcome", FORWARDING_OUTCOMES);
    const gauge = readGauges(this.#registry, PREFIX);
    gauge("passed_websockets", "WebSockets that are passed on to other processes", passedOn);
    return (outcome) => outcomes.add(outcome);
  }

  /** The content of an ended session was forgotten here. */
  contentForgotten(): void {
    this.#forgotten++;
  }

  #sum(name: string, help: string, read: () => number): void {
    new Counter({
      name: `${PREFIX}${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}
