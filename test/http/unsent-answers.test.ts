import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { UnsentAnswers } from "../../src/http/unsent-answers.ts";
import { eventually } from "../support/eventually.ts";
import { Evening } from "./evening.ts";

const MIB = 1024 * 1024;

describe("answers that are not taken", () => {
  it("[H121] count once for all who share them, and are let go of once", () => {
    const unsent = new UnsentAnswers();
    const shared = {};
    const first = unsent.hold(shared, 5 * MIB, "kim");
    const second = unsent.hold(shared, 5 * MIB, "kim");
    const third = unsent.hold(shared, 5 * MIB, "lee");
    const own = unsent.hold({}, 3 * MIB, undefined);
    assert.equal(unsent.bytes, 8 * MIB);
    for (const letGo of [first, first, third, own]) letGo();
    assert.equal(unsent.bytes, 5 * MIB);
    second();
    assert.equal(unsent.bytes, 0);
  });

  it("[H121] of one person 32 MiB at most are begun with, of all 128 MiB", () => {
    const unsent = new UnsentAnswers();
    const hold = (userId: string | undefined) => unsent.hold({}, 8 * MIB, userId);
    const kims = Array.from({ length: 3 }, () => hold("kim"));
    assert.ok(unsent.hasRoomFor("kim"));
    kims.push(hold("kim"));
    assert.ok(!unsent.hasRoomFor("kim"));
    assert.ok(unsent.hasRoomFor("lee") && unsent.hasRoomFor(undefined), "one person does not use up what all have");
    const others = Array.from({ length: 12 }, (_, i) => hold(i === 0 ? undefined : `p${i}`));
    assert.ok(!unsent.hasRoomFor("lee") && !unsent.hasRoomFor(undefined));
    others[0]!();
    assert.ok(unsent.hasRoomFor("lee") && unsent.hasRoomFor(undefined) && !unsent.hasRoomFor("kim"));
    kims[0]!();
    assert.ok(unsent.hasRoomFor("kim"));
  });

  it("[H121] over it somebody is 503, others are answered, and so are they when theirs are taken or cut", async () => {
    const evening = await Evening.begin();
    const sockets: Socket[] = [];
    try {
      const sessionId = await evening.session(await evening.campaign({ sam: "spectator", ann: "player" }));
      await evening.join(sessionId, "gm");
      for (let n = 0; n < 16; n++) {
        const part = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`${n}-${i}`, "x".repeat(16_000)]));
        await evening.command(sessionId, "gm", "set", { path: `shared/${n}`, value: part });
      }
      const path = `/api/sessions/${sessionId}/state`;
      const token = await evening.tokenFor("sam");
      /** Asks for one version of the state several times, and reads nothing: the kernel takes some of it, not all. */
      const unread = async (n: number): Promise<void> => {
        await evening.command(sessionId, "gm", "set", { path: "shared/n", value: n });
        const socket = connect(Number(new URL(evening.url).port), "127.0.0.1").pause();
        sockets.push(socket.on("error", () => undefined));
        await once(socket, "connect");
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`.repeat(4));
        await eventually("it is asked for", () => evening.unsentAnswers > n);
      };
      let status = 200;
      let n = 0;
      for (; status === 200 && n < 30; n++) {
        await unread(n);
        status = (await evening.ask("sam", "GET", path)).status;
      }
      assert.equal(status, 503);
      assert.ok(n >= 8, `${n} versions of 4 MiB`);
      const refused = await evening.ask("sam", "GET", path);
      assert.deepEqual([refused.body.code, refused.headers.get("retry-after")], ["unavailable", "1"]);
      assert.equal((await evening.ask("sam", "GET", `/api/sessions/${sessionId}/stream`)).status, 503);
      assert.equal((await evening.ask("ann", "GET", path)).status, 200);
      for (const socket of sockets) socket.destroy();
      await eventually("all are cut", () => evening.unsentAnswers === 0);
      assert.equal((await evening.ask("sam", "GET", path)).status, 200);
    } finally {
      for (const socket of sockets) socket.destroy();
      evening.end();
    }
  }).timeout(30_000);
});
