import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStorage } from "../../clients/js/src/fileStorage.ts";
import { CommandRefused, type ConnectOptions, connect, JoinRefused, type Table } from "../../clients/js/src/index.ts";
import { digestOf } from "../support/digest.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { Person } from "../support/people.ts";
import { TcpProxy } from "../support/proxy.ts";
import { ServerProcess } from "../support/server.ts";
import "../support/quiet.ts";

/** What a client that is back within three seconds of its server's return may take. */
const BACK_WITHIN_MS = 3000;

describe("js client and a real server", function () {
  this.timeout(40_000);
  let server: ServerProcess;
  const tables: Table[] = [];
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));

  let tokensEnded: Promise<void>;

  before(async () => {
    server = await ServerProcess.start();
    // It waits for nearly eight seconds, so it does beside the others, on a server that is not killed.
    tokensEnded = outliveToken();
    tokensEnded.catch(() => {});
  });
  afterEach(() => {
    for (const table of tables.splice(0)) table.close();
  });
  after(async () => {
    await server?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  function sit(evening: Evening, person: Person, more: Partial<ConnectOptions> = {}): Table {
    const { sessionId } = evening;
    const table = connect({ endpoint: server.url, sessionId, token: person.token, client: "js test", ...more });
    tables.push(table);
    return table;
  }

  async function outliveToken(): Promise<void> {
    const steady = await ServerProcess.start();
    let asked = 0;
    const token = () => {
      asked++;
      return steady.tokenFor("kim", { expiresInSeconds: asked === 1 ? 2 : 600 });
    };
    const evening = await Evening.prepare(steady, { members: { kim: "player" } });
    const kim = connect({ endpoint: steady.url, sessionId: evening.sessionId, token });
    try {
      await kim.ready;
      const lost: unknown[] = [];
      kim.on("lost", (event) => void lost.push(event));
      await eventually("the token is renewed", () => asked === 2);
      // Past the first token's end and the 5 s in which a connection with it is closed.
      await pause(7500);
      assert.equal(kim.connection, "open");
      assert.deepEqual(lost, []);
    } finally {
      kim.close();
      await steady.dispose();
    }
  }

  /** The copy is the server's: its digest, for the newest seq, is the one computed here. */
  async function agrees(table: Table): Promise<void> {
    await eventually("the digest is for the newest seq", () => table.state.digestSeq === table.state.seq, 5000);
    const entries = [...table.state.entries].map(([path, { version, value }]) => ({ path, version, value }));
    assert.equal(digestOf(entries), table.state.digest);
  }

  it("[B18] killed twice under way, the server has every command once and in order, and everybody is back within 3 s", async () => {
    const evening = await Evening.prepare(server, { gm: "gm1", members: { kim: "player", ana: "spectator" } });
    const kim = sit(evening, evening.person("kim"));
    const ana = sit(evening, evening.person("ana"));
    await Promise.all([kim.ready, ana.ready]);
    const diverged: unknown[] = [];
    for (const table of [kim, ana]) table.on("diverged", (event) => void diverged.push(event));

    const answers: Promise<unknown>[] = [];
    let writing = true;
    const writer = (async () => {
      for (let n = 1; writing; n++) {
        answers.push(kim.append("shared/order", [n]), kim.increment("shared/count", 1));
        await pause(150);
      }
    })();
    // The second outage ends within a long wait: only looking for the server finds it in time.
    for (const awayMs of [300, 3900]) {
      await pause(500);
      await server.kill();
      await eventually("both lost it", () => kim.connection === "lost" && ana.connection === "lost");
      await pause(awayMs);
      await server.start();
      const returnedAt = Date.now();
      await eventually("both are back", () => kim.connection === "open" && ana.connection === "open", BACK_WITHIN_MS);
      assert.ok(Date.now() - returnedAt <= BACK_WITHIN_MS);
    }
    await pause(300);
    writing = false;
    await writer;
    await Promise.all(answers);

    const count = answers.length / 2;
    const { seq } = kim.state;
    await eventually("ana has caught up", () => ana.state.seq >= seq);
    for (const table of [kim, ana]) {
      assert.deepEqual(
        table.get("shared/order"),
        Array.from({ length: count }, (_, at) => at + 1),
      );
      assert.equal(table.get("shared/count"), count);
      assert.deepEqual(table.view().get("shared"), table.get("shared"));
      await agrees(table);
    }
    assert.equal(kim.state.seq, 2 * count);
    assert.deepEqual(diverged, []);
  });

  it("[B18] a process that dies with commands waiting has them sent by its next life, once", async () => {
    const evening = await Evening.prepare(server, { gm: "gm2", members: { kim: "player" } });
    const first = sit(evening, evening.person("kim"), { storage: fileStorage(folder) });
    await first.ready;
    await first.increment("shared/n", 1);
    await server.kill();
    await eventually("it is lost", () => first.connection === "lost");
    for (let n = 1; n <= 20; n++) void first.append("shared/list", [n]);
    await eventually("all are stored", async () => (await stored()) === 20);
    first.close();
    await server.start();

    const second = sit(evening, evening.person("kim"), { storage: fileStorage(folder) });
    await second.increment("shared/n", 1);
    assert.deepEqual(
      second.get("shared/list"),
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    assert.equal(second.get("shared/n"), 2);
    await eventually("the storage is empty", async () => (await stored()) === 0);
    await agrees(second);

    async function stored(): Promise<number> {
      return (await fileStorage(folder).load(`${evening.sessionId}/kim`, assert.fail)).length;
    }
  });

  it("[B18] a graceful restart loses nothing either", async () => {
    const evening = await Evening.prepare(server, { gm: "gm3", members: { kim: "player" } });
    const kim = sit(evening, evening.person("kim"));
    await kim.ready;
    const losses: { code: number; reason: string }[] = [];
    kim.on("lost", (loss) => void losses.push(loss));
    const answers = Array.from({ length: 10 }, (_, at) => kim.append("shared/list", [at]));
    await server.stop();
    answers.push(kim.append("shared/list", [10]));
    await server.start();
    await Promise.all(answers);
    assert.deepEqual(kim.get("shared/list"), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(losses[0]?.reason, "server_restarting");
    assert.equal(losses[0]?.code, 4010);
  });

  it("[B18] an invitee comes back without the invite; refusals have their code", async () => {
    const evening = await Evening.prepare(server, { gm: "gm4" });
    const { token: invite } = await evening.invite({ maxUses: 1 });
    const guest = await Person.of(server, "visitor");
    const table = sit(evening, guest, { invite });
    await table.ready;
    await assert.rejects(table.set("gm/secret", 1), (error) => {
      return error instanceof CommandRefused && error.code === "forbidden";
    });
    await table.set("shared/a", { b: 1, c: [2] });
    await assert.rejects(table.set("shared/a/b", 2, { expect: { "shared/a/b": 99 } }), (error) => {
      return error instanceof CommandRefused && error.code === "conflict" && error.conflicts[0]?.value === "1";
    });
    assert.deepEqual(table.get("shared/a"), { b: 1, c: [2] });
    await server.kill();
    await server.start();
    await eventually("the invitee is back", () => table.connection === "open" && table.state.seq === 1, 5000);
    await table.set("shared/a/b", 3);

    const stranger = sit(evening, await Person.of(server, "stranger"));
    await assert.rejects(stranger.ready, (error) => error instanceof JoinRefused && error.code === 404);
  });

  it("[B18] a burst over the command rate is slowed down, never reordered", async () => {
    const evening = await Evening.prepare(server, { gm: "gm5", members: { kim: "player" } });
    const kim = sit(evening, evening.person("kim"));
    await kim.ready;
    await Promise.all(Array.from({ length: 120 }, (_, at) => kim.append("shared/list", [at])));
    assert.deepEqual(
      kim.get("shared/list"),
      Array.from({ length: 120 }, (_, at) => at),
    );
  });

  it("[B18] a token function keeps a connection through the end of its tokens", async () => {
    await tokensEnded;
  });

  it("[B18] a line that falls silent is found and replaced; removal is the end", async () => {
    const proxy = await TcpProxy.to(server.port);
    try {
      const evening = await Evening.prepare(server, { gm: "gm7", members: { kim: "player" } });
      const kim = sit(evening, evening.person("kim"), {
        endpoint: proxy.url,
        pingEveryMs: 200,
        pingTimeoutMs: 500,
        // The way to the matchmaking is kept alive by HTTP, and is silent, too.
        joinTimeoutMs: 500,
      });
      await kim.ready;
      await kim.set("shared/a", 1);
      proxy.stall();
      const answer = kim.increment("shared/a", 1);
      await eventually("it joined again", () => kim.connection === "lost", 2000);
      assert.equal((await answer).result, 2);
      await evening.gm.get("POST", `${evening.path}/participants/kim/remove`, { reason: "test" });
      await eventually("it is closed", () => kim.connection === "closed");
    } finally {
      await proxy.close();
    }
  });
});
