import type { AuditEvent } from "../api/shapes.ts";

/** From one moment to another, ms since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Attendance {
  readonly userId: string;
  readonly name: string;
  readonly spans: readonly Span[];
}

/** Who was there when, and when there was play: what the picture of an evening shows. */
export interface EveningPicture {
  readonly from: number;
  readonly to: number;
  readonly people: readonly Attendance[];
  readonly play: readonly Span[];
  readonly pauses: readonly Span[];
}

/** Collects spans of one kind: opened, and closed at the latest by the end. */
class Spans {
  readonly #done: Span[] = [];
  #since: number | undefined;

  open(at: number): void {
    this.#since ??= at;
  }

  close(at: number): void {
    if (this.#since !== undefined) this.#done.push({ from: this.#since, to: Math.max(this.#since, at) });
    this.#since = undefined;
  }

  at(end: number): readonly Span[] {
    this.close(end);
    return this.#done;
  }
}

const COMES = new Set(["participant.joined", "participant.reconnected"]);
const GOES = new Set(["participant.dropped", "participant.left"]);
const IS_SENT_AWAY = new Set(["participant.removed", "participant.banned"]);

/** @param nowMs until when those who are there were there */
export function pictureOf(events: readonly AuditEvent[], nowMs: number): EveningPicture {
  const people = new Map<string, { name: string; readonly spans: Spans }>();
  const play = new Spans();
  const pauses = new Spans();
  let from = Number.POSITIVE_INFINITY;
  let to = nowMs;
  for (const { kind, at, actor, data } of events) {
    const ms = Date.parse(at);
    const userId = typeof data["userId"] === "string" ? data["userId"] : actor.userId;
    if (COMES.has(kind) && actor.userId !== null) {
      const person = people.get(actor.userId) ?? { name: actor.userId, spans: new Spans() };
      if (typeof data["name"] === "string") person.name = data["name"];
      person.spans.open(ms);
      people.set(actor.userId, person);
      from = Math.min(from, ms);
    }
    if (GOES.has(kind) && actor.userId !== null) people.get(actor.userId)?.spans.close(ms);
    if (IS_SENT_AWAY.has(kind) && userId !== null) people.get(userId)?.spans.close(ms);
    if (kind === "session.restored" && typeof data["aliveUntil"] !== "object") {
      const aliveUntil = new Date(data["aliveUntil"] as string | number).getTime();
      for (const { spans } of people.values()) spans.close(Number.isFinite(aliveUntil) ? aliveUntil : ms);
    }
    if (kind === "session.started" || kind === "session.resumed") {
      play.open(ms);
      pauses.close(ms);
      from = Math.min(from, ms);
    }
    if (kind === "session.paused") {
      play.close(ms);
      pauses.open(ms);
    }
    if (kind === "session.ended") {
      play.close(ms);
      pauses.close(ms);
      to = ms;
    }
  }
  return {
    from: Number.isFinite(from) ? from : to,
    to,
    people: [...people].map(([userId, { name, spans }]) => ({ userId, name, spans: spans.at(to) })),
    play: play.at(to),
    pauses: pauses.at(to),
  };
}
