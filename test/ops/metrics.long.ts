import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Metrics, type Observed } from "../../src/ops/metrics.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { call } from "../support/http.ts";
import { ServerProcess } from "../support/server.ts";

/** Samples of a Prometheus text by name and labels as written, `sessions{status="live"}`, without our prefix. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at).replace(/^campaign_live_/, ""), Number(line.slice(at + 1))];
    }),
  );
}

const NOTHING: Observed = { sessions: () => [], bytesSent: () => 0 };

/** A session with people who are there as given. */
function session(status: "created" | "live", people: Record<string, ["online" | "idle" | "disconnected", number]>) {
  return {
    committed: { status, places: new Map(Object.entries(people)), entries: { size: 3, bytes: 100 } },
    presence: {
      of: (userId: string) => {
        const [presence, connections] = people[userId] ?? [];
        return presence === undefined || connections === undefined ? undefined : { presence, connections };
      },
    },
    depth: 2,
    streamsOf: () => 1,
  };
}

describe("metrics", () => {
  it("[O1] counts sessions, people, connections and waiting records anew at each scrape, and forgets who is gone", async () => {
    let sessions = [
      session("live", { kim: ["online", 2], lee: ["idle", 1], sam: ["disconnected", 0] }),
      session("live", { kim: ["online", 1] }),
      session("created", {}),
    ];
    let looks = 0;
    const metrics = new Metrics({
      ...NOTHING,
      sessions: () => {
        looks++;
        return sessions;
      },
    });
    assert.equal(looks, 0, "nobody has asked");
    const then = samplesOf(await metrics.text());
    const expected = {
      'sessions{status="live"}': 2,
      'sessions{status="created"}': 1,
      'sessions{status="paused"}': 0,
      'participants{presence="online"}': 2,
      'participants{presence="idle"}': 1,
      'participants{presence="disconnected"}': 1,
      connections: 4,
      streams: 4,
      journal_queue_records: 6,
      entries: 9,
      entries_bytes: 300,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, then.get(name)])), expected);
    assert.equal(looks, 1, "one walk for all gauges");
    sessions = [];
    const now = samplesOf(await metrics.text());
    for (const name of Object.keys(expected)) assert.equal(now.get(name), 0, name);
  });

  it("[O2] counts commands and joins by outcome and closings by word, each label there from the start", async () => {
    const metrics = new Metrics(NOTHING);
    const fresh = samplesOf(await metrics.text());
    for (const name of [
      'commands_total{outcome="accepted"}',
      'commands_total{outcome="journal_unavailable"}',
      'joins_total{outcome="session_full"}',
      'connections_closed_total{reason="token_expired"}',
    ]) {
      assert.equal(fresh.get(name), 0, name);
    }
    metrics.answered("accepted");
    metrics.answered("accepted");
    metrics.answered("conflict");
    metrics.joined();
    metrics.joinRefused("banned");
    for (const why of ["removed", "abnormal", "abnormal", "other", "other"]) metrics.disconnected(why);
    const counted = samplesOf(await metrics.text());
    assert.equal(counted.get('commands_total{outcome="accepted"}'), 2);
    assert.equal(counted.get('commands_total{outcome="conflict"}'), 1);
    assert.equal(counted.get('joins_total{outcome="joined"}'), 1);
    assert.equal(counted.get('joins_total{outcome="banned"}'), 1);
    assert.equal(counted.get('connections_closed_total{reason="removed"}'), 1);
    assert.equal(counted.get('connections_closed_total{reason="abnormal"}'), 2);
    assert.equal(counted.get('connections_closed_total{reason="other"}'), 2);
    assert.deepEqual(samplesOf(await metrics.text()).get("patches_sent_total"), 0, "a scrape changes no count");
    assert.equal(samplesOf(await metrics.text()).get('commands_total{outcome="accepted"}'), 2);
  });

  it("[O3] measures in seconds what it is told in ms", async () => {
    const metrics = new Metrics(NOTHING);
    metrics.decided(0.2);
    metrics.appended(4);
    metrics.shown(7);
    metrics.snapshotSaved(30);
    metrics.restored(20);
    const samples = samplesOf(await metrics.text());
    for (const [name, seconds] of [
      ["decide", 0.0002],
      ["commit", 0.004],
      ["visible", 0.007],
      ["snapshot", 0.03],
      ["restore", 0.02],
    ] as const) {
      assert.equal(samples.get(`${name}_seconds_sum`), seconds);
      assert.equal(samples.get(`${name}_seconds_count`), 1);
    }
    assert.equal(samples.get('commit_seconds_bucket{le="0.0025"}'), 0);
    assert.equal(samples.get('commit_seconds_bucket{le="0.005"}'), 1);
  });

  it("[O4] costs a command microseconds", () => {
    const metrics = new Metrics(NOTHING);
    const commands = 50_000;
    const startedAt = performance.now();
    for (let i = 0; i < commands; i++) {
      metrics.decided(0.1);
      metrics.appended(1);
      metrics.shown(2);
      metrics.answered("accepted");
      metrics.patchSent();
    }
    const microseconds = ((performance.now() - startedAt) * 1_000) / commands;
    console.log(`      ${microseconds.toFixed(2)} µs per command`);
    assert.ok(microseconds < 50, `${microseconds} µs`);
  });

  it("[H76] that are open to anybody are a warning at the start in production", async function () {
    this.timeout(60_000);
    for (const [env, warns] of [
      [{ NODE_ENV: "production" }, true],
      [{ NODE_ENV: "production", METRICS_TOKEN: "let-me-in-please" }, false],
      [{}, false],
    ] as const) {
      const server = await ServerProcess.start({ env });
      try {
        await eventually("the start is told", () => server.log.includes("listening on"));
        assert.equal(server.log.includes("METRICS_TOKEN is not set"), warns, JSON.stringify(env));
      } finally {
        await server.dispose();
      }
    }
  });

  describe("of a server", function () {
    this.timeout(30_000);
    let server: ServerProcess;
    let evening: Evening;
    /** Figures of now: those that were told are kept for a second. */
    const scrape = async () => {
      await pause(1_000);
      return samplesOf((await call(server.url, "GET", "/metrics", { token: "let-me-in-please" })).text);
    };
    const until = (what: string, probe: (samples: Map<string, number>) => boolean) =>
      eventually(what, async () => probe(await scrape()), 5_000);

    before(async () => {
      server = await ServerProcess.start({ env: { METRICS_TOKEN: "let-me-in-please" } });
      evening = await Evening.prepare(server, { members: { kim: "player", sam: "spectator" } });
    });
    after(() => server?.dispose());

    it("[O5] shows what happens there", async () => {
      const gm = await evening.gm.join(evening.sessionId);
      const kim = await evening.person("kim").join(evening.sessionId);
      const ben = await evening.setMember("ben", "player");
      await evening.gm.get("PATCH", evening.path, { maxParticipants: 2 });
      await ben.refusedJoin(evening.sessionId);
      const before = await scrape();
      assert.equal(before.get('sessions{status="live"}'), 1);
      assert.equal(before.get('participants{presence="online"}'), 2);
      assert.equal(before.get("connections"), 2);
      assert.equal(before.get('joins_total{outcome="joined"}'), 2);
      assert.equal(before.get('joins_total{outcome="session_full"}'), 1);
      assert.equal(before.get("restore_seconds_count"), 1);

      const id = randomUUID();
      await kim.command("set", { path: "shared/door", value: "open" }, { id });
      await kim.command("set", { path: "shared/door", value: "open" }, { id });
      await gm.command("set", { path: "gm/trap", value: "here" });
      await kim.refused("set", { path: "gm/trap", value: 1 });
      await kim.refused("set", { path: "shared/door", value: 1 }, { expect: { "shared/door": 77 } });
      await kim.refused("fly", {});
      await kim.refused("set", { path: "shared" });
      const after = await scrape();
      const rise = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN);
      for (const [outcome, times] of Object.entries({
        accepted: 2,
        duplicate: 1,
        forbidden: 1,
        conflict: 1,
        unknown_action: 1,
        bad_request: 1,
        internal: 0,
      })) {
        assert.equal(rise(`commands_total{outcome="${outcome}"}`), times, outcome);
      }
      assert.equal(rise("visible_seconds_count"), 2);
      assert.ok(rise("commit_seconds_count") >= 2);
      assert.ok(rise("decide_seconds_count") >= 4);
      assert.ok(rise("patches_sent_total") >= 2);
      assert.ok(rise("websocket_sent_bytes_total") > 100);
      assert.equal(after.get("entries"), 2);
      assert.equal(after.get("journal_queue_records"), 0);
      assert.ok((after.get("nodejs_eventloop_lag_p99_seconds") ?? -1) >= 0);
      assert.ok((after.get("process_resident_memory_bytes") ?? 0) > 1e6);

      await evening.gm.get("POST", `${evening.path}/participants/kim/remove`, {});
      await kim.ended();
      await evening.step("pause");
      await until("the removal and the pause", (now) => {
        const gone = now.get('connections_closed_total{reason="removed"}') === 1;
        return gone && now.get('sessions{status="paused"}') === 1 && (now.get("snapshot_seconds_count") ?? 0) >= 1;
      });
      const last = await scrape();
      assert.equal(last.get("connections"), 1);
      assert.ok(
        last.get("websocket_sent_bytes_total")! > after.get("websocket_sent_bytes_total")!,
        "bytes of a closed socket stay counted",
      );
    });

    it("[O6] names nobody: no user, session, invite or path is in any line", async () => {
      const invite = await evening.invite({ label: "for ivy" });
      const { text } = await call(server.url, "GET", "/metrics", { token: "let-me-in-please" });
      assert.match(text, /# TYPE campaign_live_commands_total counter/);
      for (const word of [evening.sessionId, evening.campaignId, invite.id, invite.token, "shared/", "gm/", "trap"]) {
        assert.ok(!text.includes(word), word);
      }
      assert.doesNotMatch(text, /\b(kim|ben|ivy|sam)\b/);
      assert.equal((await call(server.url, "GET", "/metrics")).status, 401);
    });
  });
});
