import assert from "node:assert/strict";
import { Reading } from "../http/reading.ts";
import { Evening } from "../support/evening.ts";
import { frameHolds } from "../support/frames.ts";
import { Person } from "../support/people.ts";
import { TcpProxy } from "../support/proxy.ts";
import type { Seat } from "../support/seat.ts";
import { ServerProcess } from "../support/server.ts";
import { StockClient } from "../support/stock-client.ts";

describe("names at a table", () => {
  let server: ServerProcess;
  let evening: Evening;
  let watching: Seat;
  before(async function () {
    this.timeout(20_000);
    server = await ServerProcess.start({ env: { RATE_JOINS_PER_USER: "0" } });
  });
  after(async () => server.dispose());
  beforeEach(async () => {
    evening = await Evening.prepare(server, { members: { kim: "player", lee: "player" } });
    watching = await evening.person("lee").join(evening.sessionId);
  });
  afterEach(async () => watching.leave());

  const as = (name?: string) => Person.of(server, "kim", name === undefined ? {} : { name });
  const sees = (name: string) =>
    watching.until(`kim as ${name}`, (state) => state.participants.get("kim")?.name === name);

  it("[T15] a second device with a token of a new name shows the new one to all, in streams too", async () => {
    const phone = await (await as("Kim")).join(evening.sessionId);
    await sees("Kim");
    const stream = await Reading.open(server, evening.sessionId, { token: evening.gm.token });
    await stream.until("a snapshot", () => stream.events.length > 0);
    assert.equal(stream.all("snapshot")[0].participants.kim.name, "Kim");
    const laptop = await (await as("Kimberly")).join(evening.sessionId);
    await sees("Kimberly");
    for (const seat of [phone, laptop]) {
      await seat.until("their own new name", (state) => state.participants.get("kim")?.name === "Kimberly");
    }
    await stream.until("the new name", () => stream.all("presence").some(({ name }) => name === "Kimberly"));
    stream.close();
    const { participants } = await evening.gm.get<{ participants: { userId: string; name: string }[] }>(
      "GET",
      `${evening.path}/history`,
    );
    assert.equal(participants.find(({ userId }) => userId === "kim")?.name, "Kimberly");
    await laptop.leave();
    await phone.leave();
  });

  it("[T15] authenticate with a token of a new name shows it, and one without a name the id", async () => {
    const seat = await (await as("Kim")).join(evening.sessionId);
    await sees("Kim");
    await seat.room.request("authenticate", { token: (await as("Kit")).token });
    await sees("Kit");
    await seat.room.request("authenticate", { token: (await as()).token });
    await sees("kim");
    await seat.room.request("authenticate", { token: (await as("\u202eKim\u0007\u200b")).token });
    await sees("Kim\u200b");
    const other = await Person.of(server, "lee", { name: "Mallory" });
    await assert.rejects(seat.room.request("authenticate", { token: other.token }));
    await seat.command("set", { path: "shared/x", value: 1 });
    assert.equal(watching.state.participants.get("kim")?.name, "Kim\u200b", "somebody else's token renames nobody");
    await seat.leave();
  });

  it("[T15] a member's name stands above any token's, and acts at once", async () => {
    const seat = await (await as("Kim")).join(evening.sessionId);
    const members = `/api/campaigns/${evening.campaignId}/members/kim`;
    await evening.gm.get("PUT", members, { role: "player", name: "Sir Kim" });
    await sees("Sir Kim");
    await seat.room.request("authenticate", { token: (await as("Kit")).token });
    const second = await (await as("Kat")).join(evening.sessionId);
    await evening.gm.get("PUT", members, { role: "player", name: "Dame Kim" });
    await sees("Dame Kim");
    assert.ok(!watching.frames.some((frame) => frameHolds(frame, "Kat") || frameHolds(frame, "Kit")), "never shown");
    await second.leave();
    await seat.leave();
  });

  it("[T15] a new name outlives kill -9", async function () {
    this.timeout(20_000);
    const seat = await (await as("Kim")).join(evening.sessionId);
    await seat.room.request("authenticate", { token: (await as("Kit")).token });
    await sees("Kit");
    await server.kill();
    await server.start();
    watching = await evening.person("lee").join(evening.sessionId);
    assert.equal(watching.state.participants.get("kim")?.name, "Kit");
    const back = await (await as("Kat")).join(evening.sessionId);
    await sees("Kat");
    await back.leave();
  });

  it("[T15] a stock client that comes back keeps the name of the token that renewed its own", async function () {
    this.timeout(20_000);
    const wire = await TcpProxy.to(server.port);
    const kim = await StockClient.join(await as("Kim"), server.url, evening.sessionId, { through: wire.url });
    await kim.room.request("authenticate", { token: (await as("Kit")).token });
    await sees("Kit");
    await kim.upLongEnough();
    const since = kim.events.length;
    wire.cut();
    await kim.back(since);
    await watching.until("kim is back", (state) => state.participants.get("kim")?.presence === "online");
    await kim.command("set", { path: "shared/back", value: 1 });
    await watching.until("what kim did", (state) => state.entries.has("shared/back"));
    assert.equal(watching.state.participants.get("kim")?.name, "Kit");
    await kim.leave();
    await wire.close();
  });
});
