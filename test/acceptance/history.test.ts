import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import canonicalize from "canonicalize";
import type { AuditEventView } from "../support/evening.ts";
import {
  type DigestTold,
  type PlaceSeen,
  problemsOf,
  type RecordedAnswer,
  type RecordedCommand,
} from "../support/history.ts";
import { readHistory, writeHistory } from "../support/history-file.ts";
import { Model } from "../support/model.ts";
import { Recorder } from "../support/recorder.ts";
import type { Closing, Outcome, Seat } from "../support/seat.ts";
import { verdictOf } from "../support/verdict.ts";

const JUDGE = fileURLToPath(new URL("../support/judge.ts", import.meta.url));

// The checker that judges the kill test is judged here: a history that holds, and forgeries of it that it must refuse.

interface Forgeable {
  commands: (RecordedCommand & {
    sentAt: number[];
    answers: RecordedAnswer[];
    refusals: { tick: number; code: string }[];
  })[];
  sightings: { tick: number; viewer: string; path: string; value: string; version: number; by: string | null }[];
  views: { tick: number; viewer: string; seq: number; digest: string }[];
  checkpoints: {
    tick: number;
    label: string;
    seq: number;
    entries: Map<string, { value: string; version: number; by: string }>;
    mayLoseTail?: true;
  }[];
  places: Written<PlaceSeen>[];
  digests: (Omit<Written<DigestTold>, "told"> & { told: Written<DigestTold["told"]> })[];
  trails: {
    tick: number;
    label: string;
    verdict: { valid: boolean; count: number; firstBrokenAt: number | null; head: string };
    events: AuditEventView[];
  }[];
}

type Written<T> = { -readonly [Key in keyof T]: T[Key] };

/** An audit trail with a whole chain. */
function trailOf(joined: readonly string[]): Forgeable["trails"][number] {
  let prev = "0".repeat(64);
  const events = joined.map((userId, at) => {
    const actor = { userId, via: "member" };
    const event = { n: at + 1, at: "2026-01-01T00:00:00Z", kind: "participant.joined", actor, data: {}, prev };
    const hash = createHash("sha256")
      .update(canonicalize(event) ?? "")
      .digest("hex");
    prev = hash;
    return { ...event, hash };
  });
  return {
    tick: 24,
    label: "end",
    verdict: { valid: true, count: events.length, firstBrokenAt: null, head: prev },
    events,
  };
}

/** kim counts to three, lee writes under `expect`; the host dies after seq 3, and kim's last try is sent twice. */
function honest(): Forgeable {
  const command = (
    userId: string,
    id: string,
    action: string,
    payload: object,
    sentAt: number[],
    answers: RecordedAnswer[],
    expect?: Record<string, number>,
  ) => ({ userId, id, action, payload, sentAt, answers, refusals: [], ...(expect ? { expect } : {}) });
  const answer = (tick: number, seq: number, more: object = {}) => ({ tick, seq, seenSeq: seq, ...more });
  const commands = [
    command("kim", "k1", "increment", { path: "shared/n", by: 1 }, [1], [answer(2, 1, { result: 1 })]),
    command("lee", "l1", "set", { path: "shared/x", value: { a: 1, b: "two" } }, [3], [answer(5, 2)], {
      "shared/x": 0,
    }),
    command("kim", "k2", "increment", { path: "shared/n", by: 2 }, [4], [answer(6, 3, { result: 3 })]),
    command(
      "kim",
      "k3",
      "append",
      { path: "gm/log", values: ["a"], max: 5 },
      [7, 20],
      [answer(21, 4, { result: 1, duplicate: true })],
    ),
  ];
  const model = new Model();
  const views = [{ tick: 0, viewer: "lee (1)", seq: 0, digest: model.digest }];
  const sightings: Forgeable["sightings"] = [];
  for (const [at, { userId, action, payload, answers }] of commands.entries()) {
    const seq = answers[0]?.seq ?? 0;
    model.apply({ seq, userId, action, payload });
    views.push({
      tick: at < 3 ? (answers[0]?.tick ?? 0) : 22,
      viewer: at < 3 ? "lee (1)" : "lee (2)",
      seq,
      digest: model.digest,
    });
  }
  for (const [path, entry] of model.entries) sightings.push({ tick: 22, viewer: "lee (1)", path, ...entry });
  sightings.push({ tick: 2, viewer: "lee (1)", path: "shared/n", value: "1", version: 1, by: null });
  const entries = new Map(model.entries);
  const { digest } = model;
  const places = ["kim", "lee", "lee"].map((userId, at) => ({
    tick: at,
    userId,
    label: `${at}`,
    role: userId === "kim" ? "gm" : "player",
    joinedAt: 7,
  }));
  return {
    commands,
    sightings,
    views,
    checkpoints: [{ tick: 19, label: "restart", seq: 4, entries }],
    places,
    digests: [
      {
        tick: 23,
        viewer: "lee",
        seq: 4,
        seenSeq: 4,
        told: { entries: digest, hidden: "0", inState: digest },
        computed: { entries: digest, hidden: "0" },
      },
    ],
    trails: [trailOf(["kim", "lee"])],
  };
}

function refused(forge: (history: Forgeable) => void, because: RegExp): void {
  const history = honest();
  forge(history);
  const problems = problemsOf(history);
  assert.ok(problems.length > 0, "the forgery went through");
  assert.match(problems.join("\n"), because);
}

describe("the history checker", () => {
  it("[X1] accepts an honest history", () => {
    assert.deepEqual(problemsOf(honest()), []);
  });

  it("[X1] refuses a command that was never answered", () => {
    refused(({ commands }) => commands[3]?.answers.pop(), /k3 was never answered/);
  });

  it("[X1] refuses an acknowledged command that the restored state does not have", () => {
    refused(({ checkpoints: [restart] }) => {
      restart!.seq = 2;
    }, /restart: kim's increment k2 was answered seq 3 with 3, and the state ends at seq 2/);
  });

  it("[X1] refuses a state that somebody saw and that the restored one does not reach", () => {
    refused(({ views, commands, checkpoints: [restart] }) => {
      commands[2]!.answers[0] = { ...commands[2]!.answers[0]!, tick: 30 };
      restart!.seq = 2;
      assert.ok(views.length > 0);
    }, /lee \(1\) saw seq 3, and the state ends at seq 2/);
  });

  it("[X1] refuses a lost entry, an invented one, and one changed in value, version or author", () => {
    refused(({ checkpoints: [restart] }) => restart!.entries.delete("shared/x/a"), /shared\/x\/a, version 2, is gone/);
    refused(
      ({ checkpoints: [restart] }) => restart!.entries.set("shared/new", { value: "1", version: 4, by: "kim" }),
      /shared\/new is there, and should not be/,
    );
    for (const change of [{ value: "4" }, { version: 1 }, { by: "lee" }]) {
      refused(({ checkpoints: [restart] }) => {
        restart!.entries.set("shared/n", { ...restart!.entries.get("shared/n")!, ...change });
      }, /shared\/n is /);
    }
  });

  it("[X1] refuses a command that counted twice, or under two numbers", () => {
    refused(
      ({ commands }) => commands[0]!.answers.push({ tick: 9, seq: 3, seenSeq: 3, result: 1, duplicate: true }),
      /answered seq 1/,
    );
    refused(({ commands }) => {
      commands[3]!.answers.push({ tick: 30, seq: 4, seenSeq: 4, result: 1 });
      commands[3]!.answers[0] = { tick: 21, seq: 4, seenSeq: 4, result: 1 };
    }, /answered twice as if it were new/);
    refused(({ commands }) => {
      commands[3]!.answers[0] = { tick: 21, seq: 5, seenSeq: 5, result: 1, duplicate: true };
    }, /seq 4 belongs to no command/);
  });

  it("[X1] refuses a duplicate of what was sent once, and a refusal of what was accepted", () => {
    refused(({ commands }) => {
      commands[0]!.answers[0] = { ...commands[0]!.answers[0]!, duplicate: true };
    }, /k1 was called a duplicate, and was sent once/);
    refused(
      ({ commands }) => commands[0]!.refusals.push({ tick: 40, code: "conflict" }),
      /k1 was accepted, then refused/,
    );
  });

  it("[X1] refuses an answer that comes before its sender sees the change", () => {
    refused(({ commands }) => {
      commands[2]!.answers[0] = { ...commands[2]!.answers[0]!, seenSeq: 2 };
    }, /k2 was answered seq 3 with 3 while its sender saw seq 2/);
  });

  it("[X2] refuses two commands under one number", () => {
    refused(({ commands }) => {
      commands[2]!.answers[0] = { ...commands[2]!.answers[0]!, seq: 2 };
    }, /both are seq 2/);
  });

  it("[X2] refuses an order against time: what was sent after an answer comes before it", () => {
    refused(({ commands }) => {
      commands[1]!.sentAt[0] = 6.5;
      commands[1]!.answers[0] = { ...commands[1]!.answers[0]!, tick: 6.7 };
    }, /lee's set l1 was sent after the answer to kim's increment k2, and comes before it/);
  });

  it("[X2] refuses an order against a client's own: what they sent later, without waiting, comes first", () => {
    refused(({ commands }) => {
      // kim sends k2 before k1, and has both answers afterwards
      commands[2]!.sentAt[0] = 0.5;
      commands[0]!.answers[0] = { ...commands[0]!.answers[0]!, tick: 6.5 };
    }, /kim's increment k1 was sent after kim's increment k2, and comes before it/);
    // Of what was sent again, the last time counts: it may be the first that arrived.
    const again = honest();
    again.commands[2]!.sentAt.unshift(0.5);
    assert.deepEqual(problemsOf(again), []);
  });

  it("[X2] refuses a lost update under expect, and a sum that is wrong", () => {
    refused(({ commands }) => {
      commands[1] = { ...commands[1]!, expect: { "shared/n": 7 } };
    }, /expected shared\/n at version 7, where 1 was/);
    refused(({ commands }) => {
      commands[2]!.answers[0] = { ...commands[2]!.answers[0]!, result: 2 };
    }, /was answered 2, not 3/);
  });

  it("[X2] refuses a sighting that nobody made, and a digest that is another state's", () => {
    refused(({ sightings }) => {
      sightings[0]!.value = "99";
    }, /lee \(1\) saw shared\/n = 99, version 3 by kim, which nobody made/);
    refused(({ sightings }) => {
      sightings[0]!.by = "eve";
    }, /by eve, which nobody made/);
    refused(({ views }) => {
      views[2]!.digest = views[1]!.digest;
    }, /saw the digest/);
    refused(
      ({ views }) => views.push({ tick: 50, viewer: "lee (2)", seq: 3, digest: views[3]!.digest }),
      /saw seq 4, then 3/,
    );
    refused(
      ({ views }) => views.push({ tick: 50, viewer: "lee (2)", seq: 9, digest: views[3]!.digest }),
      /seq 9 was seen/,
    );
  });

  it("[X1] refuses a place that was given anew, and one that was joined twice or never", () => {
    refused(({ places }) => {
      places[2]!.joinedAt = 8;
    }, /2: lee is player since 8, and was player since 7 \(1\)/);
    refused(({ places }) => {
      places[2]!.role = "gm";
    }, /2: lee is gm since 7/);
    refused((history) => {
      history.trails = [trailOf(["kim", "lee", "lee"])];
    }, /lee joined 2 times/);
    refused((history) => {
      history.trails = [trailOf(["kim"])];
    }, /lee joined 0 times/);
  });

  it("[X1] refuses a digest that a client computes otherwise, and one that is for another state", () => {
    for (const part of ["entries", "hidden", "inState"] as const) {
      refused(({ digests: [told] }) => {
        told!.told[part] = "f";
      }, /digest/);
    }
    refused(({ digests: [told] }) => {
      told!.seenSeq = 3;
    }, /lee is at seq 3 where the server is at 4/);
  });

  it("[X1] refuses an audit chain that is broken, cut, or that the server says is", () => {
    refused(({ trails: [trail] }) => {
      trail!.events[1] = { ...trail!.events[1]!, kind: "participant.idle" };
    }, /the audit chain breaks at 2/);
    refused(({ trails: [trail] }) => {
      trail!.verdict.valid = false;
      trail!.verdict.firstBrokenAt = 2;
    }, /the server finds its audit chain broken at 2/);
    refused(({ trails: [trail] }) => trail!.events.pop(), /the server verified 2 events, and shows 1/);
  });

  it("[X20] allows a lost tail where the disk was made to lose it, counts it, and allows nothing else", () => {
    /** The disk lost seq 3 and 4; k3, which never had an answer, is sent again and becomes seq 3. */
    const torn = (): Forgeable => {
      const history = honest();
      const model = new Model();
      for (const { userId, action, payload, answers } of history.commands.slice(0, 2)) {
        model.apply({ seq: answers[0]!.seq, userId, action, payload });
      }
      const entries = new Map(model.entries);
      history.checkpoints = [{ tick: 19, label: "torn", seq: 2, entries, mayLoseTail: true }];
      history.sightings = history.sightings.filter(({ version }) => version < 3);
      history.views.length = 4;
      history.commands[3]!.answers[0] = { tick: 21, seq: 3, seenSeq: 3, result: 1 };
      return history;
    };
    const { problems, lost } = verdictOf(torn());
    assert.deepEqual(problems, []);
    assert.deepEqual(lost, { commands: 1, views: 1 });

    const notAllowed = torn();
    delete notAllowed.checkpoints[0]!.mayLoseTail;
    assert.match(
      verdictOf(notAllowed).problems.join("\n"),
      /k2 was answered seq 3 with 3, and the state ends at seq 2/,
    );
    const gap = torn();
    gap.checkpoints[0]!.entries.delete("shared/x/b");
    assert.match(verdictOf(gap).problems.join("\n"), /shared\/x\/b, version 2, is gone/);
    const later = torn();
    later.checkpoints.push({ tick: 25, label: "later", seq: 2, entries: new Map(later.checkpoints[0]!.entries) });
    assert.match(verdictOf(later).problems.join("\n"), /later: kim's append k3 was answered seq 3/);
    const undone = torn();
    undone.commands[2]!.answers.push({ tick: 30, seq: 3, seenSeq: 3, result: 3, duplicate: true });
    assert.notDeepEqual(verdictOf(undone).problems, []);
  });

  it("[X21] gives the verdict that it gave, of a history that was written to a file and read back", () => {
    const folder = mkdtempSync(join(tmpdir(), "histories-"));
    try {
      const forged = honest();
      forged.checkpoints[0]!.entries.delete("shared/n");
      for (const history of [honest(), forged]) {
        const path = writeHistory(history, { name: "a forgery", seed: 5 }, folder);
        const read = readHistory(path);
        assert.deepEqual(read.about, { name: "a forgery", seed: 5 });
        assert.deepEqual(verdictOf(read.history), verdictOf(history));
      }
      assert.throws(() => readHistory(JUDGE), SyntaxError);
      const judge = (path: string) => execFileSync(process.execPath, [JUDGE, path], { encoding: "utf8" });
      assert.match(judge(writeHistory(honest(), { name: "honest", seed: 6 }, folder)), /It holds\.$/m);
      assert.throws(
        () => judge(writeHistory(forged, { name: "forged", seed: 7 }, folder)),
        (error: { status: number; stdout: string }) => {
          assert.equal(error.status, 1);
          assert.match(error.stdout, /^forged, seed 7: 4 commands/);
          assert.match(error.stdout, /restart: shared\/n, version 3, is gone/);
          return true;
        },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the recorder", () => {
  it("[X41] knows how long somebody waited who had no answer, or who waits still", async () => {
    const recorder = new Recorder();
    const send = (outcome: Promise<Outcome>, closing: Closing | null = null) => {
      const seat = { userId: "kim", closing, state: { seq: 0 }, attempt: () => outcome } as unknown as Seat;
      return recorder.send(seat, { id: "k1", action: "delete", payload: {} });
    };
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const sent = send(promise);
    const from = performance.now();
    while (performance.now() - from < 20) await new Promise(setImmediate);
    assert.ok(recorder.slowestMs >= 20, "waits still");
    resolve({ kind: "unanswered", error: new Error("timeout") });
    await sent;
    const { slowestMs } = recorder;
    assert.ok(slowestMs >= 20, "waited in vain");

    const lost = Promise.withResolvers<Outcome>();
    const dropped = send(lost.promise, { code: 1006, reason: "" });
    while (performance.now() - from < 80) await new Promise(setImmediate);
    lost.resolve({ kind: "unanswered", error: new Error("closed") });
    await dropped;
    assert.equal(recorder.slowestMs, slowestMs, "whose connection is gone waits for nothing");
  });
});
