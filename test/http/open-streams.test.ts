import assert from "node:assert/strict";
import { MOST_PER_SESSION, OpenStreams } from "../../src/http/stream/open-streams.ts";
import { eventually } from "../support/eventually.ts";
import { Evening } from "./evening.ts";
import { Reading } from "./reading.ts";

describe("how many streams are open", () => {
  it("[H120] of one person and session 8: a ninth ends the oldest, which is told, and nobody else's", async () => {
    const evening = await Evening.begin();
    try {
      const campaignId = await evening.campaign({ sam: "spectator", ann: "player" });
      const [one, two] = [await evening.session(campaignId), await evening.session(campaignId)];
      const token = await evening.tokenFor("sam");
      const open = async (sessionId: string, of = token) => {
        const reading = await Reading.open(evening, sessionId, { token: of });
        await reading.until("a snapshot", () => reading.events.length > 0);
        return reading;
      };
      const ann = await open(one, await evening.tokenFor("ann"));
      const elsewhere = await open(two);
      const streams: Reading[] = [];
      for (let n = 0; n < MOST_PER_SESSION; n++) streams.push(await open(one));
      assert.ok(streams.every(({ over }) => !over));
      const ninth = await open(one);
      await streams[0]!.ended();
      assert.deepEqual(streams[0]!.all("end"), [{ reason: "replaced" }]);
      assert.equal(evening.hosting.running(one)?.streamsOf("sam"), MOST_PER_SESSION);
      streams[1]!.close();
      await eventually("one is closed", () => evening.hosting.running(one)?.streamsOf("sam") === MOST_PER_SESSION - 1);
      const tenth = await open(one);
      assert.ok([ann, elsewhere, ninth, tenth, ...streams.slice(2)].every(({ over }) => !over));
    } finally {
      evening.end();
    }
  });

  it("[H120] of one person 64, of a process 2,000: over that nobody's but one's own end", () => {
    const streams = new OpenStreams();
    const ended: string[] = [];
    const over = new Map<string, () => void>();
    const open = (userId: string, sessionId: string) => {
      const name = `${userId} ${sessionId} ${over.size}`;
      over.set(
        name,
        streams.open(userId, sessionId, () => {
          ended.push(name);
          over.get(name)!();
        }),
      );
    };
    for (let n = 0; n < 64; n++) open("sam", `s${n}`);
    assert.deepEqual([ended, streams.count], [[], 64]);
    open("sam", "s64");
    assert.deepEqual([ended, streams.count], [["sam s0 0"], 64]);
    for (let n = 0; streams.count < 2_000; n++) open(`p${n}`, "s1");
    assert.ok(!streams.hasRoomFor("ann", "s1"));
    assert.ok(streams.hasRoomFor("sam", "s1"), "one of theirs ends for it");
    over.get("sam s64 64")!();
    over.get("sam s64 64")!();
    assert.equal(streams.count, 1_999);
    assert.ok(streams.hasRoomFor("ann", "s1"));
    assert.equal(ended.length, 1);
  });
});
