import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import type { AuthConfig } from "../../src/config.ts";
import { developmentSecret } from "../../src/identity/developmentSecret.ts";
import { createIdentity } from "../../src/identity/identity.ts";
import { KeysUnavailable, remoteKeys } from "../../src/identity/keySet.ts";

const SECRET = "a secret of thirty-two bytes or so";
const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };
const inAnHour = NOW / 1000 + 3600;

const AUTH: AuthConfig = {
  secret: SECRET,
  jwksUrl: null,
  issuer: null,
  audience: null,
  devLogin: false,
  guests: false,
};
const identity = createIdentity({ auth: AUTH, dataDir: "unused" }, clock);

function signed(payload: JWTPayload, { alg = "HS256", secret = SECRET, header = {} } = {}): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg, ...header }).sign(new TextEncoder().encode(secret));
}

describe("tokens with a secret", () => {
  it("[T1] a good one says who somebody is", async () => {
    const token = await signed({ sub: "kim", name: "Kim", roles: ["operator", 7], exp: inAnHour });
    assert.deepEqual(await identity.verify(token), {
      userId: "kim",
      name: "Kim",
      roles: ["operator"],
      expiresAt: inAnHour * 1000,
    });
  });

  it("[T1] there is no leeway: good until exp, ended at it", async () => {
    const verdict = async (exp: unknown) =>
      (await identity.verify(await signed({ sub: "kim", exp } as JWTPayload))) !== undefined;
    assert.equal(await verdict(NOW / 1000 + 1), true);
    assert.equal(await verdict(NOW / 1000), false);
    assert.equal(await verdict(NOW / 1000 - 1), false);
    assert.equal(await verdict(undefined), false);
    assert.equal(await verdict("4102444800"), false);
    const forEver = await identity.verify(await signed({ sub: "kim", exp: 1e300 }));
    assert.doesNotThrow(() => new Date(forEver!.expiresAt).toISOString());
  });

  it("[T34] is checked once in 10 s, but for its end", async () => {
    let now = NOW;
    let lookUps = 0;
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const keys = async () => {
      lookUps++;
      return [publicKey];
    };
    const asked = createIdentity({ auth: { ...AUTH, secret: null }, dataDir: "unused" }, { now: () => now }, {}, keys);
    const token = await new SignJWT({ sub: "kim", exp: NOW / 1000 + 15 })
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    assert.deepEqual(await asked.verify(token), await asked.verify(token));
    now += 9_999;
    assert.equal((await asked.verify(token))?.userId, "kim");
    assert.equal(lookUps, 1);
    now += 1;
    assert.equal((await asked.verify(token))?.userId, "kim");
    assert.equal(lookUps, 2);
    now += 5_000;
    assert.equal(await asked.verify(token), undefined);
    assert.equal((await asked.holderOf(token))?.hasEnded, true);
    assert.equal(lookUps, 2);
    now = NOW - 1;
    assert.equal((await asked.verify(token))?.userId, "kim");
    assert.equal(lookUps, 3, "the clock was set back");
  });

  it("[T34] one that was refused is checked again, and nobody gets another's claims", async () => {
    const good = await signed({ sub: "kim", exp: inAnHour });
    assert.equal((await identity.verify(good))?.userId, "kim");
    for (let at = 0; at < good.length; at += 7) {
      const bent = good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1);
      for (let i = 0; i < 2; i++) assert.equal(await identity.verify(bent), undefined, `at ${at}`);
    }
  });

  it("[T10] clocks may differ by 30 s about nbf, and not at all about exp", async () => {
    const verdict = async (claims: JWTPayload) =>
      (await identity.verify(await signed({ sub: "kim", exp: inAnHour, ...claims }))) !== undefined;
    for (const ahead of [-1, 0, 2, 30]) assert.equal(await verdict({ nbf: NOW / 1000 + ahead }), true, `${ahead} s`);
    assert.equal(await verdict({ nbf: NOW / 1000 + 31 }), false);
    assert.equal(await verdict({ nbf: NOW / 1000, exp: NOW / 1000 - 1 }), false);
    assert.equal(await verdict({ exp: NOW / 1000 }), false);
    assert.equal(await verdict({ nbf: "now" } as never), false);
    assert.equal(await verdict({ iat: NOW / 1000 + 3_600 }), true, "when it was made is nobody's business");
  });

  it("[T1] nothing, garbage, another secret and a changed payload prove nothing", async () => {
    const good = await signed({ sub: "kim", exp: inAnHour });
    const [header, , signature] = good.split(".");
    const payload = Buffer.from(JSON.stringify({ sub: "gm", exp: inAnHour })).toString("base64url");
    const others = [null, undefined, "", "x", "a.b.c", `${good}x`, `${good}.`, `${header}.${payload}.${signature}`];
    for (const token of others) assert.equal(await identity.verify(token), undefined, String(token));
    assert.equal(
      await identity.verify(await signed({ sub: "kim", exp: inAnHour }, { secret: `${SECRET}!` })),
      undefined,
    );
  });

  it("[T2] alg none and algorithms that are not named prove nothing", async () => {
    const none = new UnsecuredJWT({ sub: "kim", exp: inAnHour }).encode();
    assert.equal(await identity.verify(none), undefined);
    for (const alg of ["HS384", "HS512"]) {
      const longSecret = SECRET.repeat(4);
      const strict = createIdentity({ auth: { ...AUTH, secret: longSecret }, dataDir: "unused" }, clock);
      assert.equal(
        await strict.verify(await signed({ sub: "kim", exp: inAnHour }, { alg, secret: longSecret })),
        undefined,
      );
    }
    const { privateKey } = await generateKeyPair("ES256");
    const foreign = await new SignJWT({ sub: "kim", exp: inAnHour })
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    assert.equal(await identity.verify(foreign), undefined, "no key set is configured");
  });

  it("[T3] sub is a path segment, or there is nobody", async () => {
    for (const sub of [undefined, "", ".", "..", "a/b", "a\u0000", "e\u0301", "x".repeat(129), 7]) {
      const token = await signed({ sub, exp: inAnHour } as JWTPayload);
      assert.equal(await identity.verify(token), undefined, JSON.stringify(sub));
    }
    for (const sub of ["kim", "é", "guest:x", "x".repeat(128), "auth0|1 2"]) {
      assert.equal((await identity.verify(await signed({ sub, exp: inAnHour })))?.userId, sub);
    }
  });

  it("[T3] a name that cannot be shown counts as absent, roles that are no array as empty", async () => {
    for (const name of ["", "x".repeat(101), 7, null, "\ud800", "  ", "\u0000\u0007", "\u202e", "\u200b \u2060"]) {
      const claims = await identity.verify(await signed({ sub: "kim", name, exp: inAnHour }));
      assert.deepEqual([claims?.userId, claims?.name], ["kim", null], JSON.stringify(name));
    }
    const dragons = "🐉".repeat(100);
    const claims = await identity.verify(await signed({ sub: "kim", name: dragons, roles: "operator", exp: inAnHour }));
    assert.equal(claims?.name, dragons);
    assert.deepEqual(claims?.roles, []);
  });

  it("[T13] of a name control and bidi control characters are dropped, and what is left has 1 to 100 characters", async () => {
    for (const [name, shown] of [
      ["Kim\u0000", "Kim"],
      ["\u001b[31mKim\u001b[0m", "[31mKim[0m"],
      ["a\nb\tc", "abc"],
      ["\u202eKim\u202c", "Kim"],
      ["\u2066Kim\u2069", "Kim"],
      [`${"\u0000".repeat(300)}Kim`, "Kim"],
      [`${"x".repeat(100)}\u0000`, "x".repeat(100)],
      ["👩\u200d🚀", "👩\u200d🚀"],
      [" Kim ", " Kim "],
    ] as const) {
      assert.equal((await identity.verify(await signed({ sub: "kim", name, exp: inAnHour })))?.name, shown);
    }
  });

  it("[T1] issuer and audience are checked where set, [T6] and our own tokens name them", async () => {
    const auth = { ...AUTH, issuer: "https://id.example", audience: "table" };
    const strict = createIdentity({ auth, dataDir: "unused" }, clock);
    const base = { sub: "kim", exp: inAnHour };
    assert.equal(await strict.verify(await signed({ ...base, iss: auth.issuer })), undefined);
    assert.equal(await strict.verify(await signed({ ...base, iss: "https://other.example", aud: "table" })), undefined);
    assert.ok(await strict.verify(await signed({ ...base, iss: auth.issuer, aud: ["x", "table"] })));
    const claims = { userId: "kim", name: null, roles: [], expiresAt: inAnHour * 1000 };
    assert.deepEqual(await strict.verify((await strict.sign(claims)).token), claims);
  });

  it("[T6] a guest's token carries its whole restriction; half of one makes it nobody's", async () => {
    const guest = {
      userId: "guest:1",
      name: "Ann",
      roles: [],
      expiresAt: inAnHour * 1000,
      guestOf: "s1",
      guestInvite: "i1",
    };
    assert.deepEqual(await identity.verify((await identity.sign(guest)).token), guest);
    for (const half of [{ guestOf: "s1" }, { guestInvite: "i1" }, { guestOf: 7, guestInvite: "i1" }]) {
      assert.equal(await identity.verify(await signed({ sub: "guest:1", exp: inAnHour, ...half })), undefined);
    }
    await assert.rejects(identity.sign({ ...guest, userId: "a/b" }));
    await assert.rejects(identity.sign({ ...guest, expiresAt: NOW }));
  });
});

describe("tokens with a key set", () => {
  let issuer: Server;
  let url: string;
  let keys: JWK[] = [];
  let fetches = 0;
  let down = false;

  before(async () => {
    issuer = createServer((_request, response) => {
      fetches += 1;
      response.writeHead(down ? 500 : 200, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/keys`;
  });
  after(() => issuer.close());
  beforeEach(() => {
    keys = [];
    fetches = 0;
    down = false;
  });

  async function keyPair(alg: string, kid?: string) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    keys.push({ ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) });
    const sign = (payload: JWTPayload = { sub: "kim", exp: inAnHour }) =>
      new SignJWT(payload).setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) }).sign(privateKey);
    return { publicKey, sign };
  }
  const withKeys = (cooldownMs: number, auth: Partial<AuthConfig> = {}) =>
    createIdentity(
      { auth: { ...AUTH, secret: null, jwksUrl: url, ...auth }, dataDir: "unused" },
      clock,
      {},
      remoteKeys(url, () => {}, cooldownMs),
    );

  it("[T2] RS256, ES256 and EdDSA are accepted, with one fetch for all; PS256 is not", async () => {
    const [rsa, ec, ed] = [await keyPair("RS256", "r"), await keyPair("ES256", "e"), await keyPair("EdDSA", "d")];
    const pss = await keyPair("PS256", "p");
    const identity = withKeys(60_000);
    for (const { sign } of [rsa, ec, ed]) assert.equal((await identity.verify(await sign()))?.userId, "kim");
    assert.equal(await identity.verify(await pss.sign()), undefined);
    assert.equal(fetches, 1);
  });

  it("[T2] a public key is no secret: HS256 with it proves nothing", async () => {
    const { publicKey } = await keyPair("RS256", "r");
    const forged = await signed(
      { sub: "gm", exp: inAnHour },
      { secret: await exportSPKI(publicKey), header: { kid: "r" } },
    );
    assert.equal(await withKeys(0).verify(forged), undefined);
    assert.equal(await withKeys(0, { secret: SECRET }).verify(forged), undefined);
  });

  it("[T2] a secret may stand beside a key set: both are accepted", async () => {
    const { sign } = await keyPair("ES256", "e");
    const both = withKeys(0, { secret: SECRET });
    assert.ok(await both.verify(await sign()));
    assert.ok(await both.verify(await signed({ sub: "guest:1", exp: inAnHour })));
  });

  it("[T2] without a key id, every key that fits is tried", async () => {
    await keyPair("ES256");
    const second = await keyPair("ES256");
    assert.ok(await withKeys(0).verify(await second.sign()));
  });

  it("[T4] a key that came after the fetch is fetched, and the token waits for that; a key that never comes is 401", async () => {
    const first = await keyPair("ES256", "one");
    const identity = withKeys(30);
    assert.ok(await identity.verify(await first.sign()));
    const second = await keyPair("ES256", "two");
    assert.ok(await identity.verify(await second.sign()));
    const before = fetches;
    const stranger = await keyPair("ES256", "three");
    keys.pop();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => stranger.sign()));
    const verdicts = await Promise.all(tokens.map((token) => identity.verify(token)));
    assert.ok(verdicts.every((verdict) => verdict === undefined));
    assert.ok(fetches - before <= 2, `${fetches - before} fetches for 20 tokens`);
  });

  it("[T4] an issuer that does not answer: known keys stay good, unknown ones are unavailable, never bad", async () => {
    const known = await keyPair("ES256", "known");
    const identity = withKeys(0);
    assert.ok(await identity.verify(await known.sign()));
    down = true;
    const unknown = await keyPair("ES256", "unknown");
    await assert.rejects(identity.verify(await unknown.sign()), KeysUnavailable);
    assert.ok(await identity.verify(await known.sign()));
    await assert.rejects(withKeys(0).verify(await known.sign()), KeysUnavailable);
  });

  it("[T4] an issuer that is down is left alone for a moment, however many tokens come", async () => {
    const { sign } = await keyPair("ES256", "k");
    down = true;
    const identity = withKeys(60_000);
    for (let i = 0; i < 5; i++) await assert.rejects(identity.verify(await sign()), KeysUnavailable);
    assert.equal(fetches, 1);
  });
});

describe("dev login's secret", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "secret-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("[T5] is made once, kept for its owner alone, and leaves no drafts behind", () => {
    const dataDir = join(folder, "deep", "data");
    const secret = developmentSecret(dataDir);
    assert.ok(Buffer.byteLength(secret) >= 32);
    assert.equal(developmentSecret(dataDir), secret);
    assert.deepEqual(readdirSync(dataDir), ["development-secret"]);
    assert.equal(statSync(join(dataDir, "development-secret")).mode & 0o777, 0o600);
  });

  it("[X51] is one where there are no hard links, too, also of two that make it at once", () => {
    for (const code of ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]) {
      const dataDir = join(folder, code);
      const refuse = (): never => {
        throw Object.assign(new Error(`${code}: link`), { code });
      };
      let others: string | undefined;
      const secret = developmentSecret(dataDir, () => {
        others = developmentSecret(dataDir, refuse);
        refuse();
      });
      assert.equal(secret, others);
      assert.equal(developmentSecret(dataDir), secret);
      assert.deepEqual(readdirSync(dataDir), ["development-secret"]);
      assert.equal(statSync(join(dataDir, "development-secret")).mode & 0o777, 0o600);
    }
  });

  it("[X51] a file that was never finished is told by name, and not taken for a secret", () => {
    writeFileSync(join(folder, "development-secret"), "half");
    assert.throws(
      () => developmentSecret(folder),
      /development-secret holds no secret of at least 32 bytes: remove it/,
    );
    writeFileSync(join(folder, "development-secret"), "by hand, and without a line feed");
    assert.equal(developmentSecret(folder), "by hand, and without a line feed");
  });

  it("[T5] tokens of dev login are good after a restart", async () => {
    const config = { auth: { ...AUTH, secret: null, devLogin: true }, dataDir: folder };
    const claims = { userId: "kim", name: "Kim", roles: [], expiresAt: inAnHour * 1000 };
    const { token } = await createIdentity(config, clock).sign(claims);
    assert.deepEqual(await createIdentity(config, clock).verify(token), claims);
  });
});
