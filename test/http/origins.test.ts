import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalOrigin } from "../../src/http/origin.ts";
import { exchange, head } from "../support/raw-http.ts";
import { Evening } from "./evening.ts";

const PROXIED = { TRUST_PROXY: "loopback" };

describe("which pages may ask", () => {
  const evenings: Evening[] = [];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "origins-"));
  });
  afterEach(() => {
    for (const evening of evenings.splice(0)) evening.end();
    rmSync(folder, { recursive: true });
  });

  async function begin(env: Record<string, string> = {}): Promise<Evening> {
    const evening = await Evening.begin(env);
    evenings.push(evening);
    return evening;
  }
  const devLogin = (env: Record<string, string> = {}) =>
    begin({ AUTH_JWT_SECRET: "", GUESTS: "", DATA_DIR: folder, ...env });

  /** @returns what a page of that origin is let do: nothing, `*`, or with credentials */
  async function allowed(on: Evening, headers: Record<string, string>, path = "/api/campaigns"): Promise<string> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const preflight = ["Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization"];
    const answer = await exchange(on.url, head(`OPTIONS ${path} HTTP/1.1`, ...lines, ...preflight));
    assert.equal(answer.status, 204);
    const plain = await exchange(on.url, head(`GET ${path} HTTP/1.1`, ...lines));
    const origin = answer.headers["access-control-allow-origin"];
    assert.equal(plain.headers["access-control-allow-origin"], origin, "an answer says what its preflight did");
    if (origin === undefined) {
      assert.equal(answer.headers["access-control-allow-credentials"], undefined);
      return "nothing";
    }
    assert.ok(origin === "*" || origin === headers.Origin);
    return answer.headers["access-control-allow-credentials"] === "true" ? "credentials" : origin;
  }

  it("[H52] an origin has any scheme and no pattern; its default port is none", () => {
    for (const [text, origin] of [
      ["https://X.Example:443", "https://x.example"],
      ["http://x.example:80", "http://x.example"],
      ["http://x.example:443", "http://x.example:443"],
      ["https://bücher.example", "https://xn--bcher-kva.example"],
      ["http://[::1]:5173", "http://[::1]:5173"],
      ["capacitor://localhost", "capacitor://localhost"],
      ["app://obsidian.md", "app://obsidian.md"],
      ["chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"],
      ["Tauri://Localhost", "tauri://localhost"],
      ["file://", "file://"],
    ] as const) {
      assert.equal(canonicalOrigin(text), origin, text);
    }
    for (const text of [
      "",
      "null",
      "*",
      "x.example",
      "https://",
      "https://*.x.example",
      "*://x.example",
      "https://x.example/path",
      "https://x.example/",
      "https://u@x.example",
      "https://x.example?",
      "https://(a|b).example",
      "https://[a-z]+.example",
      "https://{a}.example",
      "^https://x.example$",
      "/x\\.example/",
      "capacitor://*",
      "https://%2a.example",
      "https://a.example https://b.example",
    ]) {
      assert.equal(canonicalOrigin(text), undefined, text);
    }
  });

  it("[H51] without configuration: our own host, whichever scheme where nobody tells it, default ports equal", async () => {
    const evening = await begin();
    for (const [host, origin, verdict] of [
      ["table.example", "https://table.example", "credentials"],
      ["table.example", "http://table.example", "credentials"],
      ["table.example:443", "https://table.example", "credentials"],
      ["table.example:80", "http://table.example", "credentials"],
      ["TABLE.example", "https://table.example", "credentials"],
      ["table.example:8443", "https://table.example:8443", "credentials"],
      ["[::1]:2567", "http://[::1]:2567", "credentials"],
      ["table.example:8443", "https://table.example", "nothing"],
      ["table.example", "https://table.example:8443", "nothing"],
      ["table.example:80", "https://table.example", "nothing"],
      ["table.example", "https://other.example", "nothing"],
      ["table.example", "https://table.example.evil.example", "nothing"],
      ["table.example", "capacitor://table.example", "nothing"],
      ["table.example", "null", "nothing"],
      ["table.example", "https://table.example, https://evil.example", "nothing"],
      ["127.0.0.1:2567", "http://localhost:5173", "nothing"],
    ] as const) {
      assert.equal(await allowed(evening, { Host: host, Origin: origin }), verdict, `${host} ${origin}`);
    }
  });

  it("[H51] behind a believed proxy: its host, and the scheme where it tells one", async () => {
    const evening = await begin(PROXIED);
    const host = { Host: "127.0.0.1:2567", "X-Forwarded-Host": "table.example" };
    const tls = { ...host, "X-Forwarded-Proto": "https" };
    for (const [headers, origin, verdict] of [
      [host, "https://table.example", "credentials"],
      [host, "http://table.example", "credentials"],
      [tls, "https://table.example", "credentials"],
      [tls, "http://table.example", "nothing"],
      [{ ...host, "X-Forwarded-Proto": "http" }, "https://table.example", "nothing"],
      [host, "http://127.0.0.1:2567", "nothing"],
    ] as const) {
      assert.equal(await allowed(evening, { ...headers, Origin: origin }), verdict, JSON.stringify([headers, origin]));
    }
    const alone = await begin();
    assert.equal(await allowed(alone, { ...host, Origin: "https://table.example" }), "nothing", "nobody is believed");
  });

  it("[H51] with PUBLIC_URL: its origin and no other, whatever the headers say", async () => {
    const evening = await begin({ ...PROXIED, PUBLIC_URL: "https://table.example:8443/base" });
    const host = { Host: "127.0.0.1:2567" };
    for (const [headers, origin, verdict] of [
      [host, "https://table.example:8443", "credentials"],
      [host, "http://table.example:8443", "nothing"],
      [host, "https://table.example", "nothing"],
      [host, "http://127.0.0.1:2567", "nothing"],
      [{ ...host, "X-Forwarded-Host": "evil.example" }, "https://evil.example", "nothing"],
    ] as const) {
      assert.equal(await allowed(evening, { ...headers, Origin: origin }), verdict, JSON.stringify([headers, origin]));
    }
  });

  it("[H52] listed origins may ask, with credentials, compared whole", async () => {
    const evening = await begin({ CORS_ORIGINS: "https://a.example, capacitor://localhost,HTTP://b.example:80/" });
    for (const [origin, verdict] of [
      ["https://a.example", "credentials"],
      ["capacitor://localhost", "credentials"],
      ["http://b.example", "credentials"],
      ["http://a.example", "nothing"],
      ["https://a.example:8443", "nothing"],
      ["https://b.example", "nothing"],
      ["http://localhost", "nothing"],
      ["https://x.a.example", "nothing"],
    ] as const) {
      assert.equal(await allowed(evening, { Host: "table.example", Origin: origin }), verdict, origin);
    }
  });

  it("[H52] with * anybody may ask, without credentials; at /matchmake the origin is named with them", async () => {
    const evening = await begin({ CORS_ORIGINS: "*" });
    const headers = { Host: "table.example", Origin: "https://evil.example" };
    for (const path of ["/api/campaigns", "/healthz", "/openapi.json", "/nothing", "/matchmakers"]) {
      assert.equal(await allowed(evening, headers, path), "*", path);
    }
    for (const path of ["/matchmake/joinOrCreate/session", "/matchmake"]) {
      assert.equal(await allowed(evening, headers, path), "credentials", path);
    }
  });

  it("[H52] under /monitor there is no CORS header, whatever is allowed", async () => {
    for (const env of [{ CORS_ORIGINS: "*" }, { CORS_ORIGINS: "https://a.example" }]) {
      const evening = await begin(env);
      for (const path of ["/monitor", "/monitor/", "/monitor/api"]) {
        for (const method of ["GET", "OPTIONS"]) {
          const lines = ["Host: table.example", "Origin: https://a.example", "Access-Control-Request-Method: GET"];
          const { headers } = await exchange(evening.url, head(`${method} ${path} HTTP/1.1`, ...lines));
          assert.deepEqual(
            Object.keys(headers).filter((name) => name.startsWith("access-control")),
            [],
          );
        }
      }
    }
  });

  it("[H34] preflights are answered without a token, and say what may be asked", async () => {
    const evening = await begin({ CORS_ORIGINS: "https://a.example" });
    const lines = ["Host: x", "Origin: https://a.example", "Access-Control-Request-Method: PUT"];
    const { status, headers } = await exchange(evening.url, head("OPTIONS /api/campaigns HTTP/1.1", ...lines));
    assert.equal(status, 204);
    assert.match(headers["access-control-allow-methods"] ?? "", /PUT/);
    assert.match(headers["access-control-allow-headers"] ?? "", /Authorization/);
    assert.equal(headers.vary, "Origin");
  });

  it("[H53] in dev login pages of this machine may ask, besides our own and those listed", async () => {
    const evening = await devLogin({ CORS_ORIGINS: "https://a.example" });
    for (const [origin, verdict] of [
      ["http://localhost:5173", "credentials"],
      ["https://127.0.0.1", "credentials"],
      ["http://127.9.9.9:1", "credentials"],
      ["http://[::1]:3000", "credentials"],
      ["https://a.example", "credentials"],
      ["http://192.168.1.7:2567", "credentials"],
      ["http://localhost.evil.example", "nothing"],
      ["http://evil.example", "nothing"],
      ["capacitor://localhost", "nothing"],
      ["null", "nothing"],
    ] as const) {
      assert.equal(await allowed(evening, { Host: "192.168.1.7:2567", Origin: origin }), verdict, origin);
    }
  });

  it("[H53] dev login gives nothing to pages of other sites, nor by a name that is not ours", async () => {
    const body = '{"userId":"kim","roles":["operator"]}';
    const asked = async (on: Evening, headers: Record<string, string>) => {
      const lines = Object.entries({ Host: "localhost:2567", ...headers }).map(([name, value]) => `${name}: ${value}`);
      const type = "Content-Type: application/json";
      const token = head("POST /dev/token HTTP/1.1", ...lines, type, `Content-Length: ${body.length}`) + body;
      const { status, body: answer } = await exchange(on.url, token);
      return status === 200 ? 200 : `${status} ${answer.code}`;
    };
    const NO = "403 forbidden";
    const local = await devLogin();
    for (const [headers, verdict] of [
      [{}, 200],
      [{ Host: "127.0.0.1:2567" }, 200],
      [{ Host: "[::1]:2567" }, 200],
      [{ Host: "192.168.1.7" }, 200],
      [{ Host: "LOCALHOST:80" }, 200],
      [{ Origin: "http://localhost:2567" }, 200],
      [{ Origin: "http://127.0.0.1:5173" }, 200],
      [{ Host: "192.168.1.7:2567", Origin: "http://192.168.1.7:2567" }, 200],
      [{ Origin: "https://evil.example" }, NO],
      [{ Origin: "null" }, NO],
      [{ Origin: "" }, NO],
      [{ Origin: "http://192.168.1.7:2567" }, NO],
      [{ Host: "evil.example:2567" }, NO],
      [{ Host: "evil.example:2567", Origin: "http://evil.example:2567" }, NO],
      [{ Host: "evil.example", Origin: "http://localhost:2567" }, NO],
      [{ Host: "localhost.evil.example" }, NO],
      [{ Host: "kim.localhost" }, NO],
      [{ Host: "127.0.0.1.evil.example" }, NO],
      [{ "X-Forwarded-Host": "evil.example" }, 200],
    ] as const) {
      assert.equal(await asked(local, headers), verdict, JSON.stringify(headers));
      local.clock.pass(10_000);
    }
    const starred = await devLogin({ CORS_ORIGINS: "*", ...PROXIED, PUBLIC_URL: "https://table.example" });
    for (const [headers, verdict] of [
      [{ Origin: "https://evil.example" }, NO],
      [{ Origin: "https://table.example" }, 200],
      [{ Origin: "http://table.example" }, NO],
      [{ "X-Forwarded-Host": "evil.example" }, NO],
      [{ Host: "backend", "X-Forwarded-Host": "table.example" }, 200],
      [{ Host: "table.example" }, 200],
      [{ Origin: "http://localhost:1" }, 200],
    ] as const) {
      assert.equal(await asked(starred, headers), verdict, JSON.stringify(headers));
    }
    const listed = await devLogin({ CORS_ORIGINS: "https://a.example,capacitor://localhost" });
    assert.equal(await asked(listed, { Origin: "https://a.example" }), 200);
    assert.equal(await asked(listed, { Origin: "capacitor://localhost" }), 200);
    assert.equal(await asked(listed, { Origin: "https://b.example" }), NO);
    const form = ["Host: localhost", "Origin: https://evil.example", "Content-Type: text/plain", "Content-Length: 2"];
    // A form of another site: its body is looked at first, and gets it nothing either.
    assert.equal((await exchange(local.url, `${head("POST /dev/token HTTP/1.1", ...form)}{}`)).status, 415);
    assert.equal((await exchange(local.url, head("GET /dev/token HTTP/1.1", "Host: evil.example"))).status, 405);
  });
});
