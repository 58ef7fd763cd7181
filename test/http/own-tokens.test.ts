import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadConfig } from "../../src/config.ts";
import { createIdentity } from "../../src/identity/identity.ts";
import { Evening, SECRET } from "./evening.ts";

describe("tokens that the server gives", () => {
  let folder: string;
  let evening: Evening;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tokens-"));
  });
  afterEach(() => {
    evening?.end();
    rmSync(folder, { recursive: true });
  });

  const devLogin = () => Evening.begin({ AUTH_JWT_SECRET: "", GUESTS: "", DATA_DIR: folder });
  async function withInvite(on: Evening) {
    const sessionId = await on.session(await on.campaign());
    return { sessionId, ...(await on.invite(sessionId, { maxUses: 1 })) };
  }

  it("[T5] dev login gives a token for anybody; with a secret or in production it does not exist", async () => {
    evening = await devLogin();
    const body = { userId: "kim", name: "Kim", roles: ["operator"] };
    const { token } = (await evening.ask(null, "POST", "/dev/token", { body })).body;
    const claims = await evening.identity.verify(token);
    assert.deepEqual([claims?.userId, claims?.name, claims?.roles], ["kim", "Kim", ["operator"]]);
    for (const wrong of [{}, { userId: "a/b" }, { userId: "kim", extra: 1 }, { userId: "kim", name: "" }]) {
      assert.equal((await evening.ask(null, "POST", "/dev/token", { body: wrong })).status, 400);
    }
    evening.end();
    evening = await Evening.begin({ NODE_ENV: "production" });
    assert.equal((await evening.ask(null, "POST", "/dev/token", { body })).status, 404);
    assert.equal((await evening.ask(null, "GET", "/dev/token")).status, 404);
  });

  it("[H31] twenty in ten seconds per address, of each kind; dev tokens that are not given do not count", async () => {
    evening = await devLogin();
    const invite = await withInvite(evening);
    const dev = () => evening.ask(null, "POST", "/dev/token", { body: { userId: "kim" } });
    const guest = () => evening.ask(null, "POST", `/api/invites/${invite.token}/guest`, { body: { name: "Ann" } });
    for (const [ask, good] of [
      [dev, 200],
      [guest, 201],
    ] as const) {
      for (let i = 0; i < 20; i++) {
        assert.equal((await evening.ask(null, "POST", "/dev/token", { body: {} })).status, 400);
        assert.equal((await ask()).status, good);
      }
      const refused = await ask();
      assert.deepEqual(
        [refused.status, refused.body.code, refused.headers.get("retry-after")],
        [429, "rate_limited", "10"],
      );
    }
    evening.clock.pass(9_999);
    assert.equal((await dev()).status, 429);
    evening.clock.pass(1);
    assert.equal((await dev()).status, 200);
  });

  it("[H13] a guest is nobody until they join, and then an invitee of that session alone", async () => {
    evening = await Evening.begin();
    const { sessionId, token, id } = await withInvite(evening);
    const other = await withInvite(evening);
    const second = await evening.invite(sessionId);
    const made = await evening.ask(null, "POST", `/api/invites/${token}/guest`, { body: { name: "Ann" } });
    assert.equal(made.status, 201);
    assert.match(made.body.userId, /^guest:./);
    assert.equal(Date.parse(made.body.expiresAt) - evening.clock.now(), 12 * 3_600_000);
    const status = async (method: string, path: string) =>
      (await evening.ask(null, method, path, { headers: { authorization: `Bearer ${made.body.token}` } })).status;

    assert.equal(await status("GET", `/api/sessions/${sessionId}`), 404);
    assert.equal(await status("GET", `/api/invites/${token}`), 200);
    assert.equal(await evening.join(sessionId, made.body.userId, token), undefined);
    assert.equal(await status("GET", `/api/sessions/${sessionId}`), 200);
    assert.equal(await status("GET", `/api/sessions/${other.sessionId}`), 404);
    for (const foreign of [other.token, second.token])
      assert.equal(await status("GET", `/api/invites/${foreign}`), 404);
    assert.equal(await status("GET", "/api/campaigns"), 403);
    const { items } = await evening.get("gm", "GET", `/api/sessions/${sessionId}/invites`);
    assert.equal(items.find((one: { id: string }) => one.id === id).uses, 1);
    assert.equal(
      (await evening.ask(null, "POST", `/api/invites/${token}/guest`, { body: { name: "Bo" } })).status,
      404,
      "used up",
    );
  });

  it("[H2] where guests are on, an invite shows itself to anybody but a bad token, and uses nothing up", async () => {
    evening = await Evening.begin();
    const { token, sessionId, id } = await withInvite(evening);
    const bad = { authorization: "Bearer x.y.z" };
    for (let times = 0; times < 3; times++) {
      const { status, body } = await evening.ask(null, "GET", `/api/invites/${token}`);
      assert.deepEqual([status, body.sessionId, body.usesLeft], [200, sessionId, 1]);
    }
    assert.equal((await evening.ask(null, "GET", `/api/invites/${token}`, { headers: bad })).status, 401);
    await evening.join(sessionId, "kim", token);
    assert.equal((await evening.ask(null, "GET", `/api/invites/${token}`)).status, 404, `${id} is used up`);
  });

  it("[H13] where guests are off, no invite makes one, or shows itself to who has no token", async () => {
    evening = await Evening.begin({ GUESTS: "off" });
    const { token } = await withInvite(evening);
    assert.equal((await evening.ask(null, "GET", `/api/invites/${token}`)).status, 401);
    assert.equal(
      (await evening.ask(null, "POST", `/api/invites/${token}/guest`, { body: { name: "Ann" } })).status,
      404,
    );
  });

  it("[T8] npm run token prints one for the configured secret, and says why not", async () => {
    evening = await Evening.begin();
    const run = (args: string[], env: Record<string, string>) =>
      promisify(execFile)(process.execPath, [join(import.meta.dirname, "../../src/cli/token.ts"), ...args], {
        cwd: folder,
        env,
      });
    const { stdout } = await run(["--user", "kim", "--name", "Kim", "--operator", "--hours", "1"], {
      AUTH_JWT_SECRET: SECRET,
    });
    const identity = createIdentity(loadConfig({ AUTH_JWT_SECRET: SECRET }), { now: Date.now });
    const claims = await identity.verify(stdout.trim());
    assert.deepEqual([claims?.userId, claims?.name, claims?.roles], ["kim", "Kim", ["operator"]]);
    assert.ok(Math.abs(claims!.expiresAt - Date.now() - 3_600_000) < 60_000);
    for (const [args, env, why] of [
      [[], {}, /usage/],
      [["--user", "a/b"], {}, /--user/],
      [["--user", "kim"], { AUTH_JWKS_URL: "https://id.example/keys" }, /AUTH_JWT_SECRET/],
      [["--user", "kim"], { PORT: "x", LOG_LEVEL: "y" }, /PORT[\s\S]*LOG_LEVEL/],
    ] as [string[], Record<string, string>, RegExp][]) {
      await assert.rejects(
        run(args, env),
        (error: { code: number; stderr: string }) => error.code === 1 && why.test(error.stderr),
      );
    }
  });
});
