import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Route } from "../../src/http/route.ts";
import { routesFor } from "../../src/http/table.ts";
import { Evening, type Loose } from "./evening.ts";

describe("the description and the pages", () => {
  let evening: Evening;
  const routes = routesFor({ devLogin: false });
  before(async () => {
    evening = await Evening.begin();
  });
  after(() => evening.end());

  it("[H32] describes exactly the routes that are served", async () => {
    const { openapi, paths } = (await evening.ask(null, "GET", "/openapi.json")).body;
    assert.equal(openapi, "3.1.0");
    const described = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    assert.deepEqual(described.sort(), routes.map(({ method, path }) => `${method} ${path}`).sort());
    for (const route of routes) {
      const path = route.path.replaceAll(/:\w+/g, "x");
      const { status } = await evening.ask("nobody", route.method, path);
      assert.ok(status !== 405, `${route.method} ${path}`);
    }
    const ids = new Set(routes.map(({ id }) => id));
    assert.equal(ids.size, routes.length, "every operation has an id of its own");
  });

  it("[H32] every reference leads somewhere, and dev login is described where it exists", async () => {
    const { text } = await evening.ask(null, "GET", "/openapi.json");
    const { components } = JSON.parse(text);
    for (const [, name] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      assert.match(name!, /^#\/components\/schemas\//);
      assert.ok(name!.split("/").at(-1)! in components.schemas, name);
    }
    assert.ok(!text.includes("$defs"));
    assert.ok(routesFor({ devLogin: true }).some(({ path }) => path === "/dev/token"));
    assert.ok(!text.includes("/dev/token"));
  });

  it("[H32] what is answered fits the schema that describes it", async () => {
    const campaignId = await evening.campaign({ kim: "player" });
    const sessionId = await evening.session(campaignId);
    const { token } = await evening.invite(sessionId, { label: "x" });
    await evening.join(sessionId, "kim");
    await evening.join(sessionId, "gm");
    await evening.command(sessionId, "gm", "set", { path: "gm/x", value: 1 });
    const fill: Record<string, string> = { campaignId, sessionId, token, userId: "kim", inviteId: "none" };
    const bodies: Record<string, object> = {
      createCampaign: { name: "x" },
      createSession: { title: "x" },
      putMember: { role: "player" },
      createGuest: { name: "x" },
    };
    let checked = 0;
    for (const route of routes) {
      const body = bodies[route.id];
      const path = route.path.replaceAll(/:(\w+)/g, (_, name: string) => fill[name]!);
      const answer = await evening.ask<Loose>("gm", route.method, path, body === undefined ? {} : { body });
      checked += fits(route, answer.status, answer.body);
    }
    assert.ok(checked >= 22, `only ${checked} answers had a schema to fit`);
  });

  function fits(route: Route, status: number, body: unknown): number {
    const schema = route.answers[status]?.schema;
    if (schema === undefined) return 0;
    const parsed = schema.safeParse(body);
    assert.ok(parsed.success, `${route.id}: ${parsed.error && z.prettifyError(parsed.error)}`);
    return 1;
  }

  it("[H34] `/docs` is whole in itself: its policy names its own script and style, and nothing else", async () => {
    const { text, headers } = await evening.ask(null, "GET", "/docs");
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.ok(!policy.includes("unsafe"));
    for (const tag of ["script", "style"]) {
      const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)![1]!;
      assert.ok(policy.includes(`'sha256-${createHash("sha256").update(content).digest("base64")}'`), tag);
    }
    assert.ok(!/(src|href)="https?:/.test(text));
    assert.ok(!/ (style|on\w+)="/.test(text), "the policy would not let it through");
  });

  it("[H4] other answers carry safe headers and no trace of what they are made with", async () => {
    const { headers } = await evening.ask("gm", "GET", "/api/campaigns");
    assert.equal(headers.get("x-powered-by"), null);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
  });
});
