import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import type { AuthConfig } from "../../src/config.ts";
import { createIdentity, type Identity } from "../../src/identity/identity.ts";
import { KeysUnavailable, remoteKeys } from "../../src/identity/keySet.ts";
import { boundedRefusals, type TokenRefusal } from "../../src/identity/refusals.ts";
import { eventually } from "../support/eventually.ts";
import { HandClock } from "../support/hand-clock.ts";
import { call } from "../support/http.ts";
import { freePort } from "../support/ports.ts";
import { ServerProcess } from "../support/server.ts";

const SECRET = "a secret of thirty-two bytes or so";
const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };
const inAnHour = NOW / 1000 + 3600;
const AUTH: AuthConfig = {
  secret: SECRET,
  jwksUrl: null,
  issuer: "https://id.example",
  audience: "table",
  devLogin: false,
  guests: false,
};
const GOOD: JWTPayload = { sub: "kim", exp: inAnHour, iss: "https://id.example", aud: "table" };

function signed(payload: JWTPayload, { alg = "HS256", secret = SECRET } = {}): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

describe("why a token is refused", () => {
  let told: TokenRefusal[];
  let identity: Identity;
  beforeEach(() => {
    told = [];
    identity = createIdentity({ auth: AUTH, dataDir: "unused" }, clock, { tokenRefused: (why) => told.push(why) });
  });

  it("[T11] is told in a word, and where a signed claim is another than was configured, what it is", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const foreign = await new SignJWT(GOOD).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
    for (const [token, refusal] of [
      ["x", { reason: "malformed" }],
      ["a.b.c", { reason: "malformed" }],
      [new UnsecuredJWT(GOOD).encode(), { reason: "algorithm" }],
      [await signed(GOOD, { alg: "HS512", secret: SECRET.repeat(4) }), { reason: "algorithm" }],
      [foreign, { reason: "algorithm" }],
      [await signed(GOOD, { secret: `${SECRET}!` }), { reason: "signature" }],
      [await signed({ ...GOOD, iss: "https://id.example/" }), { reason: "issuer", got: "https://id.example/" }],
      [await signed({ ...GOOD, iss: undefined } as never), { reason: "issuer" }],
      [await signed({ ...GOOD, iss: "i".repeat(500) }), { reason: "issuer", got: "i".repeat(200) }],
      [await signed({ ...GOOD, aud: ["a", "b"] }), { reason: "audience", got: "a b" }],
      [await signed({ ...GOOD, aud: undefined } as never), { reason: "audience" }],
      [await signed({ ...GOOD, exp: NOW / 1000 }), { reason: "expiry" }],
      [await signed({ ...GOOD, exp: NOW / 1000 - 60 }), { reason: "expiry" }],
      [await signed({ ...GOOD, exp: undefined } as never), { reason: "expiry" }],
      [await signed({ ...GOOD, exp: "soon" } as never), { reason: "expiry" }],
      [await signed({ ...GOOD, nbf: NOW / 1000 + 31 }), { reason: "not_before" }],
      [await signed({ ...GOOD, sub: "a/b" }), { reason: "subject" }],
      [await signed({ ...GOOD, sub: undefined } as never), { reason: "subject" }],
      [await signed({ ...GOOD, guestOf: "s" }), { reason: "guest" }],
    ] as const) {
      assert.equal(await identity.verify(token), undefined);
      assert.deepEqual(told.splice(0), [refusal]);
    }
  });

  it("[T11] is not told of a good one, nor where there is none", async () => {
    assert.ok(await identity.verify(await signed(GOOD)));
    for (const none of [null, undefined]) assert.equal(await identity.verify(none), undefined);
    assert.deepEqual(told, []);
  });

  it("[T11] a flood of bad ones is no flood of lines, and hides no other reason", async () => {
    const hand = new HandClock();
    const lines: string[] = [];
    const tell = boundedRefusals(hand, ({ reason }, leftOut) => lines.push(`${reason} ${leftOut}`));
    for (let i = 0; i < 10_000; i++) tell({ reason: "signature" });
    assert.equal(lines.length, 20);
    tell({ reason: "issuer" });
    assert.equal(lines.at(-1), "issuer 0");
    await hand.advance(1_000);
    for (let i = 0; i < 100; i++) tell({ reason: "signature" });
    assert.deepEqual(lines.slice(21), ["signature 9980"]);
    await hand.advance(60_000);
    tell({ reason: "signature" });
    assert.deepEqual(lines.slice(22), ["signature 99"]);
  });
});

describe("an issuer's key set", () => {
  let issuer: Server;
  let base: string;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let asked: string[];
  before(async () => {
    issuer = createServer((request, response) => {
      asked.push(request.url ?? "");
      answer(request, response);
    });
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  });
  after(() => {
    issuer.closeAllConnections();
    issuer.close();
  });
  beforeEach(() => {
    asked = [];
  });

  const told: string[] = [];
  const refused: TokenRefusal[] = [];
  const withKeys = (url = `${base}/keys`): Identity =>
    createIdentity(
      { auth: { ...AUTH, secret: null, jwksUrl: url, issuer: null, audience: null }, dataDir: "unused" },
      clock,
      { tokenRefused: (why) => refused.push(why) },
      remoteKeys(url, (why) => told.push(why), 0),
    );
  async function keyOf(kid: string) {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid }] });
    const token = await new SignJWT({ sub: "kim", exp: inAnHour })
      .setProtectedHeader({ alg: "ES256", kid })
      .sign(privateKey);
    return { jwks, token };
  }
  const redirect = (response: ServerResponse, location: string, status = 302) =>
    response.writeHead(status, { location }).end("moved");

  it("[T12] is found behind redirects, relative ones too", async () => {
    const { jwks, token } = await keyOf("k");
    for (const status of [301, 302, 303, 307, 308]) {
      answer = ({ url }, response) => {
        if (url === "/keys") redirect(response, "there/jwks?x=1", status);
        else if (url === "/there/jwks?x=1") redirect(response, `${base}/at-last`, status);
        else response.writeHead(200).end(jwks);
      };
      assert.equal((await withKeys().verify(token))?.userId, "kim", `${status}`);
      assert.deepEqual(asked.splice(0), ["/keys", "/there/jwks?x=1", "/at-last"]);
    }
    assert.deepEqual(told.splice(0), []);
  });

  it("[T12] that cannot be had is told with its reason, and nothing of what was answered", async () => {
    const { jwks, token } = await keyOf("k");
    const answers: readonly [why: string, answer: typeof answer][] = [
      ["it answered 404", (_request, response) => response.writeHead(404).end("canary")],
      ["it answered 500", (_request, response) => response.writeHead(500).end("canary")],
      ["it answered 304", (_request, response) => response.writeHead(304).end()],
      ["its answer is no key set, or has a key that cannot be read", (_request, response) => response.end("<canary>")],
      ["its answer is no key set", (_request, response) => response.end('{"canary":1}')],
      ["it redirects more than 5 times", (_request, response) => redirect(response, "/again")],
      ["it redirects away from https", (_request, response) => redirect(response, "ftp://canary.example/")],
      ["it redirects to what is no URL", (_request, response) => redirect(response, "http://[canary")],
      ["it cannot be reached: UND_ERR_SOCKET", (request) => request.socket.destroy()],
    ];
    for (const [why, how] of answers) {
      answer = how;
      await assert.rejects(withKeys().verify(token), KeysUnavailable, why);
      assert.deepEqual(told.splice(0), [why]);
    }
    await assert.rejects(withKeys(`http://127.0.0.1:${await freePort()}/keys`).verify(token), KeysUnavailable);
    assert.match(told.splice(0).join(), /^it cannot be reached: ECONNREFUSED$/);
    answer = (_request, response) => response.end(jwks);
    assert.ok(await withKeys().verify(token));
  });

  it("[T12] does not answer: told once, and again when that changes or lasts", async () => {
    const { token } = await keyOf("k");
    answer = (_request, response) => response.writeHead(500).end();
    const identity = withKeys();
    for (let i = 0; i < 5; i++) await assert.rejects(identity.verify(token), KeysUnavailable);
    answer = (_request, response) => response.writeHead(404).end();
    await assert.rejects(identity.verify(token), KeysUnavailable);
    assert.deepEqual(told.splice(0), ["it answered 500", "it answered 404"]);
  });

  it("[T11] that has no such key, and a signature by none of its keys, are told apart", async () => {
    const [mine, other] = [await keyOf("k"), await keyOf("k")];
    const stranger = await keyOf("unknown");
    answer = (_request, response) => response.end(mine.jwks);
    const identity = withKeys();
    refused.length = 0;
    assert.equal(await identity.verify(other.token), undefined);
    assert.equal(await identity.verify(stranger.token), undefined);
    assert.deepEqual(refused, [{ reason: "signature" }, { reason: "key" }]);
  });
});

describe("refused tokens in a server's log", () => {
  it("[T11] [T12] have their reason at level info, and no part of the token", async function () {
    this.timeout(30_000);
    const server = await ServerProcess.start({
      env: { AUTH_ISSUER: "https://x", AUTH_JWKS_URL: `http://127.0.0.1:${await freePort()}/keys`, LOG_LEVEL: "info" },
    });
    try {
      const secret = new TextEncoder().encode(server.secret!);
      const payload = { iss: "https://x/", name: "canary-of-a-name" };
      const sign = (alg: string, key: Parameters<SignJWT["sign"]>[0]) =>
        new SignJWT(payload).setProtectedHeader({ alg }).setSubject("kim").setExpirationTime("1h").sign(key);
      const token = await sign("HS256", secret);
      const { privateKey } = await generateKeyPair("ES256");
      const foreign = await sign("ES256", privateKey);
      const lines = (msg: string) =>
        server.log
          .split("\n")
          .filter((line) => line.includes(`"${msg}"`))
          .map((line) => JSON.parse(line));
      assert.equal((await call(server.url, "GET", "/api/campaigns", { token })).status, 401);
      assert.equal(
        (await call(server.url, "POST", "/matchmake/joinOrCreate/session", { token, body: {} })).status,
        401,
      );
      assert.equal((await call(server.url, "GET", "/api/campaigns", { token: foreign })).status, 503);
      const what = "the key set of AUTH_JWKS_URL cannot be had";
      await eventually("the last line is there", () => lines(what).length > 0);
      const refused = lines("token refused");
      assert.equal(refused.length, 2);
      for (const { level, reason, got } of refused)
        assert.deepEqual([level, reason, got], [30, "issuer", "https://x/"]);
      assert.equal(lines(what)[0].reason, "it cannot be reached: ECONNREFUSED");
      for (const part of [...token.split("."), ...foreign.split("."), "canary"]) assert.ok(!server.log.includes(part));
    } finally {
      await server.dispose();
    }
  });
});
