import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { builtPages } from "../../src/built-pages.ts";
import { loadConfig } from "../../src/config.ts";
import { Site } from "../../src/http/site.ts";
import { createIdentity } from "../../src/identity/identity.ts";
import { systemClock } from "../../src/ops/time.ts";
import { Evening, SECRET } from "./evening.ts";
import { rawGet } from "./raw-get.ts";

const PEOPLE = [{ userId: "gm", name: "</script><b>Ann", role: "gm" }];
const FACTS = { devLogin: true, guests: false, demo: { people: PEOPLE }, actions: new Map([["roll", 1]]) };
const PATHS = ["/", "/invite/some-token", "/play/some-session", "/console/some-session"];

describe("the pages' files", () => {
  let evening: Evening;
  before(async () => {
    const folder = await builtPages(assert.fail);
    evening = await Evening.begin(
      { AUTH_JWT_SECRET: "", DATA_DIR: "unused" },
      {
        site: new Site(folder!, FACTS),
        identity: createIdentity(loadConfig({ AUTH_JWT_SECRET: SECRET }), systemClock),
      },
    );
  });
  after(() => evening.end());

  const page = async (path: string) => await evening.ask(null, "GET", path);
  const linksIn = (html: string) =>
    Array.from(html.matchAll(/(?:src|href)="([^"]+)"/g), ([, link]) => link!).filter((link) =>
      link.includes("assets/"),
    );

  it("[PG1] are built once for a state of their sources: a start that finds them builds and writes nothing", async () => {
    assert.equal(await builtPages(assert.fail), await builtPages(assert.fail));
  });

  it("[PG2] without them the pages are 503 and everything else is served", async () => {
    const without = await Evening.begin();
    for (const path of PATHS) {
      const { status, body } = await without.ask(null, "GET", path);
      assert.deepEqual([status, body.code], [503, "unavailable"], path);
    }
    assert.equal((await without.ask("gm", "GET", "/api/campaigns")).status, 200);
    assert.equal((await without.ask(null, "GET", "/assets/x.js")).status, 404);
    without.end();
  });

  it("[PG2] a folder without a page is refused at once", () => {
    const empty = mkdtempSync(join(tmpdir(), "no-pages-"));
    assert.throws(() => new Site(empty, FACTS), /ENOENT/);
    rmSync(empty, { recursive: true });
  });

  it("[PG3] pages are asked for anew each time; what they load has its hash in its name and is kept for ever", async () => {
    for (const path of PATHS) {
      const { text, headers } = await page(path);
      assert.equal(headers.get("cache-control"), "no-cache");
      const links = linksIn(text);
      assert.ok(links.some((link) => link.endsWith(".js")) && links.some((link) => link.endsWith(".css")), path);
      for (const link of links) {
        const { status, headers } = await page(new URL(link, new URL(path, "http://x")).pathname);
        assert.equal(status, 200, link);
        assert.equal(headers.get("cache-control"), "public, max-age=31536000, immutable", link);
      }
    }
    assert.equal((await page("/assets/licences.md")).headers.get("cache-control"), "no-cache");
  });

  it("[PG3] everything comes packed as the browser takes it, the same in each way", async () => {
    const { text } = await page("/");
    const script = linksIn(text).find((link) => link.endsWith(".js"))!;
    for (const path of ["/", new URL(script, "http://x/").pathname]) {
      const plain = await rawGet(evening.url + path, {});
      assert.equal(plain.headers["content-encoding"], undefined);
      const packed = await rawGet(evening.url + path, { "accept-encoding": "gzip, deflate, br" });
      assert.equal(packed.headers["content-encoding"], "br");
      assert.match(String(packed.headers.vary), /Accept-Encoding/);
      assert.deepEqual(brotliDecompressSync(packed.body), plain.body);
      const older = await rawGet(evening.url + path, { "accept-encoding": "gzip" });
      assert.equal(older.headers["content-encoding"], "gzip");
      assert.deepEqual(gunzipSync(older.body), plain.body);
      assert.ok(packed.body.length <= older.body.length && older.body.length < plain.body.length);
    }
  });

  it("[PG4] the policy lets scripts of our own files run, and nothing else in", async () => {
    for (const path of PATHS) {
      const { text, headers } = await page(path);
      const policy = new Map(
        headers
          .get("content-security-policy")!
          .split("; ")
          .map((part) => [part.slice(0, part.indexOf(" ")), part.slice(part.indexOf(" ") + 1)]),
      );
      assert.equal(policy.get("default-src"), "'none'");
      assert.equal(policy.get("script-src"), "'self'");
      assert.equal(policy.get("style-src"), "'self'");
      assert.equal(policy.get("frame-ancestors"), "'none'");
      assert.equal(policy.get("require-trusted-types-for"), "'script'");
      const { host } = new URL(evening.url);
      assert.equal(policy.get("connect-src"), `'self' ws://${host} wss://${host}`);
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.ok(!/(src|href)="(https?:|\/\/)/.test(text), "nothing from elsewhere");
      assert.ok(!/ (style|on\w+)="|<style|<script>/.test(text), "the policy would not let it through");
    }
  });

  it("[PG4] a host that is none gets no page; with PUBLIC_ADDRESS sockets go where the hosts are", async () => {
    assert.equal((await rawGet(`${evening.url}/`, { host: "x;script-src *" })).status, 400);
    const folder = await builtPages(assert.fail);
    const many = await Evening.begin({ PUBLIC_ADDRESS: "a.example:2567" }, { site: new Site(folder!, FACTS) });
    const policy = (await many.ask(null, "GET", "/")).headers.get("content-security-policy");
    assert.match(policy ?? "", /connect-src 'self' ws: wss:;/);
    many.end();
  });

  it("[PG5] a page says how people sign in and which actions there are, names escaped, and nothing of any session", async () => {
    for (const path of PATHS) {
      const { text } = await page(path);
      const [, data] = /id="data" type="application\/json">([^<]*)<\/script>/.exec(text)!;
      assert.deepEqual(JSON.parse(data!), { devLogin: true, guests: false, people: PEOPLE, actions: ["roll"] });
      assert.match(text, /<title>Campaign Live Sessions<\/title>/);
    }
  });

  it("[PG5] who may not use dev login, and anybody where it is closed, is not told of it and of the demo's people", async () => {
    const foreign = await rawGet(`${evening.url}/`, { host: "evil.example" });
    assert.match(foreign.body.toString(), /type="application\/json">{"devLogin":false,"guests":false,"people":\[\]/);
    const folder = await builtPages(assert.fail);
    const closed = await Evening.begin({}, { site: new Site(folder!, FACTS) });
    assert.match((await closed.ask(null, "GET", "/")).text, /{"devLogin":false,"guests":false,"people":\[\]/);
    closed.end();
  });
});
