import assert from "node:assert/strict";
import { clusterLog } from "../../src/ops/cluster-log.ts";
import type { Logger } from "../../src/ops/log.ts";
import { Metrics } from "../../src/ops/metrics.ts";

describe("metrics of several processes", () => {
  it("[MP17] tell who is there, what was taken over and how long it took, what was lost, and whether Redis is there", async () => {
    const metrics = new Metrics({ sessions: () => [], bytesSent: () => 0 });
    assert.ok(!(await metrics.text()).includes("takeover"), "a process that serves alone has none of it");
    const now = { living: 2, redis: true, draining: false };
    const events = metrics.cluster({
      living: () => now.living,
      redisIsThere: () => now.redis,
      isDraining: () => now.draining,
    });
    const sample = async (name: string) => {
      const line = (await metrics.text()).split("\n").find((one) => one.startsWith(`campaign_live_${name} `));
      return Number(line?.split(" ").at(-1));
    };
    assert.deepEqual([await sample("processes"), await sample("redis_up"), await sample("draining")], [3, 1, 0]);
    Object.assign(now, { living: 1, redis: false, draining: true });
    events.lives("p2");
    events.died("p2");
    events.takenOver("p2", 7, 400);
    events.takenOver("p3", 2, 2_600);
    events.lost("s1");
    events.failed("look", new Error("down"));
    events.failed("take-over", new Error("down"), "s1");
    const names = ["processes", "redis_up", "draining", "process_deaths_total", "sessions_taken_over_total"];
    const values = await Promise.all(
      [...names, "sessions_lost_total", "cluster_failures_total", "takeover_seconds_count", "takeover_seconds_sum"].map(
        sample,
      ),
    );
    assert.deepEqual(values, [2, 0, 1, 1, 9, 1, 2, 2, 3]);
    assert.equal(await sample('takeover_seconds_bucket{le="0.5"}'), 1);
  });

  it("[MP69] tell what was handed over and what was saved, and for how long nothing could be decided", async () => {
    const metrics = new Metrics({ sessions: () => [], bytesSent: () => 0 });
    const events = metrics.cluster({ living: () => 1, redisIsThere: () => true, isDraining: () => true });
    const lines: string[] = [];
    const keep = (about: object, text: string): void => void lines.push(`${text} ${JSON.stringify(about)}`);
    const told = clusterLog({ info: keep, warn: keep } as unknown as Logger);
    for (const to of [events, told]) {
      to.handedOver("s1", "p2", 40.4);
      to.handedOver("s2", "p3", 2_000);
      to.saved("s3");
      to.failed("hand-over", new Error("late"), "s3");
    }
    const text = await metrics.text();
    for (const [name, value] of Object.entries({
      sessions_handed_over_total: 2,
      sessions_saved_total: 1,
      handover_seconds_count: 2,
      cluster_failures_total: 1,
    })) {
      assert.match(text, new RegExp(`^campaign_live_${name} ${value}$`, "m"));
    }
    assert.equal(lines[0], 'handed over {"session":"s1","to":"p2","ms":40}');
    assert.match(lines[2]!, /^saved, to be opened by the next who asks \{"session":"s3"\}$/);
    assert.match(lines[3]!, /hand-over/);
  });
});
