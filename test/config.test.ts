import assert from "node:assert/strict";
import { ConfigProblems, loadConfig } from "../src/config.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigProblems);
    return error.problems;
  }
  return [];
}

describe("configuration", () => {
  it("[T7] with nothing set: the contract's defaults, and dev login on the loopback alone", () => {
    const config = loadConfig({});
    assert.deepEqual(config, {
      production: false,
      port: 2567,
      host: "127.0.0.1",
      dataDir: "./data",
      mongodbUri: null,
      redisUrl: null,
      internalUrl: null,
      publicUrl: null,
      publicAddress: null,
      auth: { secret: null, jwksUrl: null, issuer: null, audience: null, devLogin: true, guests: true },
      corsOrigins: [],
      trustProxy: false,
      rates: {
        joinsPerUserPer10Seconds: 20,
        joinsPerAddressPer10Seconds: 500,
        commandsPerSecond: 30,
        writesPerSecond: 10,
        workPerSecond: 10_000,
      },
      actionsModule: null,
      metricsToken: null,
      logLevel: "info",
      retentionDays: 0,
      shutdownGraceSeconds: 25,
      keepAliveSeconds: 65,
    });
  });

  it("[T5] with a secret or a key set there is no dev login, no guests, and every interface is listened on", () => {
    for (const env of [{ AUTH_JWT_SECRET: SECRET }, { AUTH_JWKS_URL: "https://id.example/keys" }]) {
      const { auth, host } = loadConfig(env);
      assert.equal(auth.devLogin, false);
      assert.equal(auth.guests, false);
      assert.equal(host, "0.0.0.0");
    }
  });

  it("[T5] production without a secret or a key set is refused, with one it is not", () => {
    assert.match(problemsOf({ NODE_ENV: "production" }).join(), /AUTH_JWT_SECRET or AUTH_JWKS_URL/);
    const config = loadConfig({ NODE_ENV: "production", AUTH_JWT_SECRET: SECRET });
    assert.equal(config.auth.devLogin, false);
    assert.deepEqual(config.corsOrigins, []);
  });

  it("[T7] all problems are told at once, each by its variable, and none with its value", () => {
    const env = {
      PORT: "port-of-call",
      AUTH_JWT_SECRET: "too-short-a-secret",
      REDIS_URL: "cache.example:6379",
      INTERNAL_URL: "here.example:2567",
      NODE_ENV: "staging",
      CORS_ORIGINS: "https://a.example/path",
      TRUST_PROXY: "maybe",
      LOG_LEVEL: "loud",
      GUESTS: "perhaps",
      RATE_COMMANDS: "-1",
      MONGODB_URI: "postgres://db",
      PUBLIC_URL: "somewhere.example",
    };
    const problems = problemsOf(env);
    const named = problems.map((problem) => problem.split(":")[0]);
    assert.deepEqual(new Set(named), new Set(Object.keys(env)));
    for (const value of Object.values(env)) assert.ok(!problems.join("\n").includes(value), value);
  });

  it("[T7] guests need a secret of ours", () => {
    assert.equal(problemsOf({ AUTH_JWKS_URL: "https://id.example/keys", GUESTS: "on" }).length, 1);
    assert.deepEqual(
      problemsOf({ AUTH_JWKS_URL: "https://id.example/keys", AUTH_JWT_SECRET: SECRET, GUESTS: "on" }),
      [],
    );
  });

  it("[T23] several processes need a store that they can share, and an address for each", () => {
    const REDIS_URL = "redis://:secret@cache:6379/1";
    const MONGODB_URI = "mongodb://db/table";
    const INTERNAL_URL = "http://10.0.0.1:2567/";
    const store = "MONGODB_URI: required by REDIS_URL, for SQLite serves one process";
    const address = "INTERNAL_URL: required by REDIS_URL, for the other processes have to reach this one";
    assert.deepEqual(problemsOf({ REDIS_URL }), [store, address]);
    assert.deepEqual(problemsOf({ REDIS_URL, MONGODB_URI }), [address]);
    assert.deepEqual(problemsOf({ REDIS_URL, MONGODB_URI, INTERNAL_URL: "  " }), [address]);
    assert.deepEqual(problemsOf({ REDIS_URL, INTERNAL_URL }), [store]);
    const { redisUrl, internalUrl } = loadConfig({ REDIS_URL, MONGODB_URI, INTERNAL_URL });
    assert.deepEqual({ redisUrl, internalUrl }, { redisUrl: REDIS_URL, internalUrl: "http://10.0.0.1:2567" });
    // One process may be told its address, to be ready for more.
    assert.equal(loadConfig({ INTERNAL_URL }).redisUrl, null);
    assert.equal(loadConfig({ REDIS_URL: "rediss://cache", MONGODB_URI, INTERNAL_URL }).redisUrl, "rediss://cache");
  });

  it("[T23] refuses addresses that nobody can be reached at, without showing them", () => {
    const rest = { MONGODB_URI: "mongodb://db/table", INTERNAL_URL: "http://10.0.0.1:2567" };
    for (const REDIS_URL of ["cache:6379", "http://cache", "redis:cache", "redis://", "redis:///1", "6379"]) {
      assert.deepEqual(
        problemsOf({ ...rest, REDIS_URL }),
        ["REDIS_URL: must be a redis:// or rediss:// URL"],
        REDIS_URL,
      );
    }
    for (const url of ["10.0.0.1:2567", "ws://10.0.0.1", "http://a:b@10.0.0.1", "http://10.0.0.1/?a=b", "http://"]) {
      const problems = problemsOf({ ...rest, REDIS_URL: "redis://cache", INTERNAL_URL: url });
      assert.ok(problems.length >= 1 && problems.every((problem) => problem.startsWith("INTERNAL_URL: ")), url);
      assert.ok(!problems.join().includes(url));
    }
  });

  it("[T21] every value is trimmed, and one that is blank is unset", () => {
    const env = {
      NODE_ENV: "production ",
      PORT: " 3000\t",
      HOST: " 127.0.0.1 ",
      AUTH_JWT_SECRET: `\u00a0${SECRET}\r`,
      GUESTS: "on\n",
      CORS_ORIGINS: "\thttps://a.example , https://b.example ",
      METRICS_TOKEN: " let-me-in ",
      TRUST_PROXY: " true ",
      LOG_LEVEL: "warn ",
      RATE_COMMANDS: " 7 ",
      MONGODB_URI: " mongodb://db/table ",
      PUBLIC_URL: "https://table.example/ ",
      ACTIONS_MODULE: "  ",
    };
    const untrimmed = loadConfig(env);
    assert.deepEqual(
      untrimmed,
      loadConfig(Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.trim()]))),
    );
    assert.equal(untrimmed.production, true);
    assert.equal(untrimmed.auth.devLogin, false);
    assert.equal(untrimmed.auth.secret, SECRET);
    assert.equal(untrimmed.host, "127.0.0.1");
    assert.equal(untrimmed.actionsModule, null);
  });

  it("[T21] NODE_ENV is unset, development, test or production: of anything else there is no start", () => {
    for (const other of ["Production", "PRODUCTION", "prod", "productoin", "staging", "production,", '"production"']) {
      for (const more of [{}, { HOST: "0.0.0.0" }, { AUTH_JWT_SECRET: SECRET }]) {
        const problems = problemsOf({ NODE_ENV: other, ...more });
        assert.equal(problems.length, 1, other);
        assert.match(problems[0]!, /^NODE_ENV: must be unset, or one of development, test, production$/);
      }
    }
    for (const open of ["", " ", "development", " test"]) {
      assert.equal(loadConfig({ NODE_ENV: open }).auth.devLogin, true, open);
    }
  });

  it("[T22] MONGODB_URI is what the driver's own parser takes", () => {
    for (const uri of [
      "mongodb://db",
      "mongodb://a:27017,b:27017/x?replicaSet=rs0",
      "mongodb://kim:p%40ss@a:27017,b:27018,c/x?replicaSet=rs0&authSource=admin",
      "mongodb+srv://kim:secret@cluster.example/x?retryWrites=false",
      "mongodb://[::1]:27017,[::1]:27018/x",
      "mongodb://%2Ftmp%2Fmongodb-27017.sock/x",
      "mongodb://a?replicaSet=rs0",
    ]) {
      assert.equal(loadConfig({ MONGODB_URI: uri }).mongodbUri, uri);
    }
    for (const uri of [
      "mongodb:/db/x",
      "mongodb://",
      "http://db/x",
      "db:27017",
      "mongodb://kim:p@ss@db/x",
      "mongodb://kim:pa/ss@db/x",
      "mongodb://kim:100%@db/x",
      "mongodb://:pass@db/x",
      "mongodb+srv://a.example,b.example/x",
      "mongodb+srv://cluster.example:27017/x",
    ]) {
      const problems = problemsOf({ MONGODB_URI: uri });
      assert.equal(problems.length, 1, uri);
      assert.match(problems[0]!, /^MONGODB_URI: must be a mongodb:\/\/ or mongodb\+srv:\/\/ URI/);
      for (const part of ["kim", "p@ss", "pa/ss", "example", "100%", "27017"])
        assert.ok(!problems[0]!.includes(part), uri);
    }
  });

  it("[T7] a token for /metrics that no request could carry as a bearer token is refused", () => {
    for (const token of ["two words", "schlüssel", "a,b", '"quoted"', "=", "a=b", "tab\there", "line\nbreak"]) {
      const problems = problemsOf({ METRICS_TOKEN: token });
      assert.equal(problems.length, 1, token);
      assert.match(problems[0] ?? "", /^METRICS_TOKEN: /);
      assert.ok(token === "=" || !problems[0]?.includes(token), "the value is not told");
    }
    for (const token of ["x", "let-me-in.please_~+/9", "c2VjcmV0IQ=="]) {
      assert.equal(loadConfig({ METRICS_TOKEN: token }).metricsToken, token);
    }
  });

  it("[T7] what is set to nothing is unset; lists, numbers and proxies are read as meant", () => {
    assert.equal(loadConfig({ PORT: "", METRICS_TOKEN: " " }).port, 2567);
    assert.deepEqual(loadConfig({ CORS_ORIGINS: "https://a.example, http://localhost:5173/" }).corsOrigins, [
      "https://a.example",
      "http://localhost:5173",
    ]);
    assert.equal(loadConfig({ CORS_ORIGINS: "*" }).corsOrigins, "any");
    assert.equal(loadConfig({ KEEP_ALIVE_SECONDS: "3600" }).keepAliveSeconds, 3_600);
    for (const seconds of ["0", "3601", "1.5", "-1"]) {
      assert.match(problemsOf({ KEEP_ALIVE_SECONDS: seconds }).join(), /^KEEP_ALIVE_SECONDS: /);
    }
    assert.equal(loadConfig({ TRUST_PROXY: "true" }).trustProxy, true);
    assert.equal(loadConfig({ TRUST_PROXY: "2" }).trustProxy, 2);
    assert.equal(loadConfig({ TRUST_PROXY: "loopback, 10.0.0.0/8, ::1" }).trustProxy, "loopback, 10.0.0.0/8, ::1");
    assert.equal(problemsOf({ TRUST_PROXY: "10.0.0.0/33" }).length, 1);
  });

  it("[T30] PUBLIC_URL can have a path put behind it, and no URL has a password in it", () => {
    const auth = { AUTH_JWT_SECRET: SECRET };
    assert.equal(
      loadConfig({ ...auth, PUBLIC_URL: "https://x.example/tables//" }).publicUrl,
      "https://x.example/tables",
    );
    for (const url of [
      "https://x.example/?a=1",
      "https://x.example/#top",
      "https://x.example?",
      "https://x.example/a#",
    ]) {
      assert.deepEqual(problemsOf({ PUBLIC_URL: url }), ["PUBLIC_URL: must be without a query and a fragment"], url);
    }
    for (const name of ["PUBLIC_URL", "AUTH_JWKS_URL"]) {
      for (const user of ["kim:hush", "kim", ":hush"]) {
        const problems = problemsOf({ ...auth, [name]: `https://${user}@x.example/a` });
        assert.deepEqual(problems, [`${name}: must be without user and password`]);
      }
    }
    assert.equal(
      loadConfig({ AUTH_JWKS_URL: "https://x.example/keys?v=2" }).auth.jwksUrl,
      "https://x.example/keys?v=2",
    );
  });

  it("[T32] TRUST_PROXY takes what Express takes: a netmask too", () => {
    const read = (text: string) => loadConfig({ TRUST_PROXY: text }).trustProxy;
    assert.equal(read("10.0.0.0/255.0.0.0, ::1"), "10.0.0.0/8, ::1");
    assert.equal(read("192.0.2.8/255.255.255.252"), "192.0.2.8/30");
    assert.equal(read("192.0.2.8/255.255.255.255"), "192.0.2.8/32");
    for (const text of [
      "10.0.0.0/255.0.255.0",
      "10.0.0.0/255.0.0",
      "::1/255.0.0.0",
      "10.0.0.0/ffff::",
      "10.0.0.0/8/8",
      "loopback/8",
      "10.0.0.0/",
      "loopback,",
    ]) {
      assert.match(problemsOf({ TRUST_PROXY: text }).join(), /^TRUST_PROXY: must be/, text);
    }
  });

  it("[H52] origins have any scheme; a pattern is refused, and named without its text", () => {
    const { corsOrigins } = loadConfig({ CORS_ORIGINS: " capacitor://localhost ,https://A.example:443/" });
    assert.deepEqual(corsOrigins, ["capacitor://localhost", "https://a.example"]);
    for (const origins of [
      "https://*.a.example",
      "https://a.example,*.b.example",
      "a.example",
      "https://a.example,",
      "null",
    ]) {
      const [problem = "", ...more] = problemsOf({ CORS_ORIGINS: origins });
      assert.match(problem, /^CORS_ORIGINS: must be \* or origins of any scheme/, origins);
      assert.deepEqual(more, []);
    }
  });

  it("[H52] without CORS_ORIGINS only our own pages may ask, with a secret or not, in production or not", () => {
    for (const env of [{}, { AUTH_JWT_SECRET: SECRET }, { AUTH_JWT_SECRET: SECRET, NODE_ENV: "test" }]) {
      assert.deepEqual(loadConfig(env).corsOrigins, []);
    }
  });
});
