import assert from "node:assert/strict";
import { join } from "node:path";
import { type AuditEventView, Evening, type InviteView } from "../support/evening.ts";
import { eachTestInDatabase } from "../support/mongo-databases.ts";
import { Person } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";
import { startTool } from "../support/tool.ts";

/** What a session looks like over HTTP to the GM; seconds that still run are left out. */
async function readingsOf(gm: Person, campaignId: string) {
  const { items } = await gm.get<{ items: { id: string }[] }>("GET", `/api/campaigns/${campaignId}/sessions`);
  const sessions = [];
  for (const session of items) {
    const path = `/api/sessions/${session.id}`;
    const events = await gm.get<{ items: AuditEventView[] }>("GET", `${path}/events?limit=200`);
    const history = await gm.get<{ participants: Record<string, unknown>[] }>("GET", `${path}/history`);
    sessions.push({
      session,
      state: await gm.get("GET", `${path}/state`),
      events: events.items,
      verify: await gm.get("GET", `${path}/events/verify`),
      history: { ...history, pausedSeconds: null },
      commands: await gm.get("GET", `${path}/commands?limit=200`),
      invites: await gm.get("GET", `${path}/invites`),
    });
  }
  return { campaign: await gm.get("GET", `/api/campaigns/${campaignId}`), sessions };
}

describe("a campaign that grows up: SQLite to MongoDB and back", function () {
  this.timeout(90_000);
  const databases = eachTestInDatabase();
  const servers: ServerProcess[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.dispose();
  });

  async function start(env: Record<string, string>): Promise<ServerProcess> {
    const server = await ServerProcess.start({ env });
    servers.push(server);
    return server;
  }

  async function run(name: "export" | "import", args: readonly string[], cwd: string, env: Record<string, string>) {
    return await startTool(name, args, { cwd, env }).ended;
  }

  it("[E10] people keep their seats, invites work, commands are known; HTTP and room say the same", async () => {
    const home = await start({ MONGODB_URI: "" });
    const evening = await Evening.prepare(home, {
      members: { kim: "player" },
      session: { settings: { reconnectWindow: 3_600 } },
    });
    const { campaignId, sessionId } = evening;
    const invite: InviteView = await evening.invite({ maxUses: 3 });
    const lee = await Person.of(home, "lee", { name: "Lee" });
    const seats = {
      gm: await evening.gm.join(sessionId),
      kim: await evening.person("kim").join(sessionId),
      lee: await lee.join(sessionId, { invite: invite.token }),
    };
    await seats.gm.command("set", { path: "gm/plan", value: "the dragon sleeps" });
    await seats.kim.command("set", { path: "private/kim/diary", value: "🐉 \u2028" });
    const first = await seats.kim.command("increment", { path: "shared/hp", by: 7 }, { id: "first-of-kim" });
    for (let i = 0; i < 40; i++) await seats.lee.command("set", { path: `shared/n${i % 9}`, value: { i, text: "é" } });
    const ended = await evening.gm.get<{ id: string }>("POST", `/api/campaigns/${campaignId}/sessions`, {
      title: "Before",
      continueFrom: sessionId,
    });
    for (const step of ["start", "terminate"]) await evening.gm.get("POST", `/api/sessions/${ended.id}/${step}`);
    await home.stop();
    await home.start(); // a second snapshot, and the log trimmed behind the first
    const again = await evening.gm.join(sessionId);
    await again.command("delete", { path: "shared/n3" });
    await evening.step("pause", "tea");
    await home.stop();
    await home.start();
    const before = await readingsOf(evening.gm, campaignId);

    const data = { DATA_DIR: join(home.dataDir, "data") };
    const busy = await run("export", [campaignId], home.dataDir, data);
    assert.equal(busy.code, 1);
    assert.match(busy.stderr, /^DATA_DIR: another process uses this data folder/);
    await home.stop();
    const out = await run("export", [campaignId], home.dataDir, data);
    assert.deepEqual([out.code, out.stderr], [0, ""], out.stderr);
    assert.match(out.stdout, /^2 sessions, \d+ records: .*\.campaign\.jsonl\n$/);
    const file = join(home.dataDir, `${campaignId}.campaign.jsonl`);
    const over = await run("export", [campaignId], home.dataDir, data);
    assert.equal(over.code, 1);
    assert.match(over.stderr, /is there already/);

    const inCity = { MONGODB_URI: databases.uri() };
    const into = await run("import", [file], home.dataDir, inCity);
    assert.deepEqual([into.code, into.stderr], [0, ""], into.stderr);
    const records = /, (\d+) records/.exec(out.stdout)![1]!;
    assert.match(into.stdout, new RegExp(`\n2 sessions, ${records} records: digests and audit heads equal\n$`));
    assert.equal((await run("import", [file], home.dataDir, inCity)).code, 1, "a second time");

    const city = await start({ ...inCity, AUTH_JWT_SECRET: home.secret! });
    const at = (person: Person) => new Person(city, person.userId, person.token);
    const gm = at(evening.gm);
    assert.deepEqual(await readingsOf(gm, campaignId), before);
    await gm.get("POST", `${evening.path}/resume`);
    const kim = await at(evening.person("kim")).join(sessionId);
    const repeated = await kim.command("increment", { path: "shared/hp", by: 7 }, { id: "first-of-kim" });
    assert.deepEqual(repeated, { ...first, duplicate: true });
    assert.equal(kim.value("private/kim/diary"), "🐉 \u2028");
    assert.equal(kim.value("gm/plan"), undefined);
    assert.equal(kim.state.participants.size, 3, "everybody has their place");
    const leeAgain = await at(lee).join(sessionId);
    const mia = await at(await Person.of(home, "mia")).join(sessionId, { invite: invite.token });
    assert.equal((await mia.command("increment", { path: "shared/hp", by: 1 })).result, 8);
    await leeAgain.caughtUp(kim.state.seq);
    const { items } = await gm.get<{ items: { uses: number }[] }>("GET", `${evening.path}/invites`);
    assert.equal(items[0]?.uses, 2);
    await city.stop();
    await city.start();
    const { pausedSeconds: _, ...grown } = (await readingsOf(gm, campaignId)).sessions.find(
      ({ session }) => session.id === sessionId,
    )!.history as Record<string, unknown>;
    assert.equal((grown.participants as unknown[]).length, 4);

    await gm.get("POST", `${evening.path}/pause`);
    await city.stop();
    await city.start();
    const inTheCity = await readingsOf(gm, campaignId);
    await city.stop();
    const backFile = join(city.dataDir, "back.jsonl");
    const fromCity = await run("export", [campaignId, "--to", backFile], city.dataDir, inCity);
    assert.deepEqual([fromCity.code, fromCity.stderr], [0, ""], fromCity.stderr);
    const cottage = await start({ MONGODB_URI: "", AUTH_JWT_SECRET: home.secret! });
    await cottage.stop();
    const back = await run("import", [backFile], city.dataDir, { DATA_DIR: join(cottage.dataDir, "data") });
    assert.deepEqual([back.code, back.stderr], [0, ""], back.stderr);
    await cottage.start();
    const owner = new Person(cottage, gm.userId, gm.token);
    assert.deepEqual(await readingsOf(owner, campaignId), inTheCity);
    await owner.get("POST", `${evening.path}/resume`);
    const kimAtLast = await new Person(cottage, "kim", evening.person("kim").token).join(sessionId);
    const oldest = await kimAtLast.command("increment", { path: "shared/hp", by: 7 }, { id: "first-of-kim" });
    assert.deepEqual(oldest, { ...first, duplicate: true });
    assert.equal(kimAtLast.value("shared/hp"), 8);
  });
});
