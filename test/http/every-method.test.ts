import assert from "node:assert/strict";
import { request } from "node:http";
import { routesFor } from "../../src/http/table.ts";
import { Evening } from "./evening.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
/** Answers for ever: its HEAD is looked at alone. */
const ENDLESS = "stream";
/** What is told of this moment, in which two requests are two. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set(["metrics", "getHistory"]);
const COMPARED = ["content-type", "content-length", "cache-control", "location", "retry-after", "www-authenticate"];

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

describe("every method of every path", () => {
  let evening: Evening;
  let token: string;
  let ended: string;
  const values: Record<string, string> = {};
  const routes = routesFor({ devLogin: false });
  const places = [...new Set(routes.map(({ path }) => path))].map((path) => ({
    path,
    routes: routes.filter((route) => route.path === path),
  }));

  before(async () => {
    evening = await Evening.begin({}, { metrics: async () => "figures 1\n" });
    const campaignId = await evening.campaign({ ann: "player" });
    const sessionId = await evening.session(campaignId);
    await evening.join(sessionId, "gm");
    await evening.command(sessionId, "gm", "set", { path: "shared/a", value: "é".repeat(500) });
    await evening.get("ann", "POST", `/api/sessions/${sessionId}/knocks`);
    Object.assign(values, { campaignId, sessionId, token: (await evening.invite(sessionId)).token, userId: "ann" });
    token = await evening.tokenFor("gm", { roles: ["operator"] });
    ended = await evening.session(campaignId);
    await evening.get("gm", "POST", `/api/sessions/${ended}/terminate`);
  });
  after(() => evening.end());

  const filled = (path: string) => path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? "none");

  function tell(method: string, path: string, headers: Record<string, string> = {}): Promise<Told> {
    return new Promise((resolve, reject) => {
      const asked = request(evening.url + path, { method, headers: { connection: "close", ...headers } }, (answer) => {
        let body = "";
        answer.setEncoding("latin1").on("data", (text: string) => {
          body += text;
        });
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      });
      asked.on("error", reject).end();
    });
  }
  const bearer = () => ({ authorization: `Bearer ${token}` });

  for (const { path, routes: here } of places) {
    const known = new Set<string>(here.map(({ method }) => method));
    const get = here.find(({ method }) => method === "GET");

    if (get !== undefined && get.id !== ENDLESS) {
      it(`[H125] HEAD ${path}: as GET, without a body`, async () => {
        for (const headers of [bearer(), {}, { authorization: "Bearer none" }]) {
          const [whole, head] = [await tell("GET", filled(path), headers), await tell("HEAD", filled(path), headers)];
          assert.equal(head.status, whole.status);
          assert.equal(head.body, "");
          for (const name of COMPARED) {
            if (name === "content-length" && OF_THE_MOMENT.has(get.id)) continue;
            assert.equal(head.headers[name], whole.headers[name], name);
          }
          if (whole.headers["content-length"] !== undefined) {
            assert.equal(Number(whole.headers["content-length"]), whole.body.length);
          }
        }
      });
    }

    it(`[H126] ${path}: a method that is not there is 405 with what there is, plain OPTIONS included`, async () => {
      const allowed = here.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])).toSorted();
      const others = [...METHODS.filter((method) => !known.has(method)), "OPTIONS", "PROPFIND"];
      if (get === undefined) others.push("HEAD");
      const isOpen = here.every((route) => route.open);
      for (const method of others) {
        const told = await tell(method, filled(path), bearer());
        const isMonitor = path.startsWith("/monitor");
        assert.equal(told.status, 405, `${method}: ${told.status}`);
        if (!isMonitor) assert.deepEqual(String(told.headers.allow).split(", ").toSorted(), allowed, method);
        if (method !== "HEAD") assert.equal(JSON.parse(told.body).code, "method_not_allowed");
        const nobody = await tell(method, filled(path));
        if (!isMonitor) assert.equal(nobody.status, isOpen ? 405 : 401, `${method} of nobody: the token comes first`);
        assert.equal(told.headers["access-control-allow-methods"], undefined, "no preflight");
      }
    });
  }

  it("[H125] HEAD of a stream opens none, of an ended session's it is 409 as GET is", async () => {
    const stream = `/api/sessions/${values.sessionId}/stream`;
    const { status, headers, body } = await tell("HEAD", stream, bearer());
    assert.deepEqual([status, body], [200, ""]);
    assert.match(String(headers["content-type"]), /^text\/event-stream/);
    assert.equal(evening.hosting.running(values.sessionId!)?.streamsOf("gm") ?? 0, 0);
    assert.equal((await tell("HEAD", stream)).status, 401);
    for (const method of ["GET", "HEAD"]) {
      assert.equal((await tell(method, `/api/sessions/${ended}/stream`, bearer())).status, 409, method);
    }
  });

  it("[H126] a path that does not exist is 404 by every method, after the token", async () => {
    for (const method of [...METHODS, "HEAD", "OPTIONS"]) {
      assert.equal((await tell(method, "/api/nothing", bearer())).status, 404, method);
      assert.equal((await tell(method, "/api/nothing")).status, 401, method);
    }
  });
});
