import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ASKING_HEADER, CHALLENGE_HEADER, FORWARDED_HEADER, PROOF_HEADER } from "../../src/cluster/peer-proof.ts";
import { call } from "../support/http.ts";
import { hasNginx, Nginx } from "../support/nginx.ts";
import { nginxFile, Upstream } from "./nginx-file.ts";

/** For how long the file leaves a server out, in ms, and a little more: nginx counts whole seconds. */
const LEFT_OUT_MS = 3_200;
const JOIN = "/matchmake/joinOrCreate/session";

/** The headers by which servers prove themselves to each other. */
const OURS = [ASKING_HEADER, CHALLENGE_HEADER, FORWARDED_HEADER, PROOF_HEADER];

type Behaviour = "answers" | "drains" | "breaks off";

describe("deploy/nginx.conf in front of two servers", function () {
  this.timeout(30_000);
  let nginx: Nginx | undefined;
  const behaviour: [Behaviour, Behaviour] = ["answers", "answers"];
  let upstreams: [Upstream, Upstream];

  const answering = (i: 0 | 1) => (request: IncomingMessage, response: ServerResponse) => {
    if (behaviour[i] === "breaks off") request.resume().once("end", () => request.socket.destroy());
    else if (behaviour[i] === "drains") response.writeHead(503).end(JSON.stringify({ from: i, code: "unavailable" }));
    else response.end(JSON.stringify({ from: i, headers: request.headers }));
  };
  /** Both answer, and an nginx that was just started knows nothing else of them. */
  const inOrder = async (): Promise<void> => {
    behaviour.fill("answers");
    await nginx?.dispose();
    nginx = await Nginx.startWhole(nginxFile([upstreams[0].port, upstreams[1].port]));
    taken();
  };
  const ask = (method: string, path: string, body?: unknown) =>
    call(nginx!.url, method, path, body === undefined ? {} : { body });
  const taken = () => upstreams.flatMap((upstream) => upstream.take());

  before(async function () {
    if (!hasNginx()) return this.skip();
    upstreams = [await Upstream.start(answering(0)), await Upstream.start(answering(1))];
  });
  beforeEach(() => inOrder());
  after(async () => {
    await nginx?.dispose();
    for (const upstream of upstreams ?? []) await upstream.close();
  });

  it("[MP83] tells them who asks, whatever the client says of itself", async () => {
    const claimed = {
      "x-forwarded-for": "203.0.113.9, 198.51.100.4",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      ...Object.fromEntries(OURS.map((name) => [name.toUpperCase(), "mine"])),
    };
    const { body } = await call<{ headers: Record<string, string> }>(nginx!.url, "GET", "/x", { headers: claimed });
    const { host } = new URL(nginx!.url);
    assert.equal(body.headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(body.headers["x-forwarded-proto"], "http");
    assert.equal(body.headers["x-forwarded-host"], host);
    assert.equal(body.headers["host"], host);
    for (const name of [...OURS, "upgrade"]) assert.equal(body.headers[name], undefined, name);
  });

  it("[MP84] what one has seen and not answered is asked of the other only if it reads or joins", async () => {
    for (const [method, path, times] of [
      ["GET", "/api/campaigns", 2],
      ["GET", "/1/room", 2],
      ["POST", JOIN, 2],
      ["POST", "/api/campaigns", 1],
      ["PATCH", "/api/sessions/s", 1],
      ["PUT", "/api/campaigns/c/members/m", 1],
      ["DELETE", "/api/campaigns/c/members/m", 1],
    ] as const) {
      await inOrder();
      behaviour.fill("breaks off");
      const { status, body } = await ask(method, path, method === "GET" || method === "DELETE" ? undefined : {});
      assert.equal(status, 503, path);
      assert.ok(body["code"] === "unavailable" || body["error"] === "unavailable");
      // Where it came over a connection that was kept, nginx does not count the try.
      const { length } = taken();
      assert.ok(times === 1 ? length === 1 : length >= 2, `${method} ${path}: ${length}`);
    }
  });

  it("[MP84] [MP85] with one gone, everything that nobody has seen goes to the other", async () => {
    await upstreams[0].close();
    const asked = [
      ["POST", "/api/campaigns"],
      ["PATCH", "/api/sessions/s"],
      ["GET", "/api/campaigns"],
      ["POST", JOIN],
    ] as const;
    for (let i = 0; i < 12; i++) {
      const [method, path] = asked[i % asked.length]!;
      const { status, body } = await ask(method, path, method === "GET" ? undefined : {});
      assert.deepEqual([status, body["from"]], [200, 1], `${method} ${path}`);
    }
    assert.equal(taken().length, 12);
    await upstreams[0].listen();
    await new Promise((resolve) => setTimeout(resolve, LEFT_OUT_MS));
    const from = new Set<unknown>();
    for (let i = 0; i < 10; i++) from.add((await ask("GET", "/x")).body["from"]);
    assert.deepEqual([...from].sort(), [0, 1], "it is back");
  });

  it("[MP85] one that drains is left out; reads and joins that met it are answered by the other", async () => {
    behaviour[0] = "drains";
    for (let i = 0; i < 10; i++) {
      const { status, body } = await (i % 2 === 0 ? ask("GET", "/api/campaigns") : ask("POST", JOIN, {}));
      assert.deepEqual([status, body["from"]], [200, 1]);
    }
    assert.ok(upstreams[0].take().length <= 2, "it is asked once, and not again while it is left out");
  });

  it("[MP85] [MP86] where all say 503, that is their own, and none is lost by being left out", async () => {
    behaviour.fill("drains");
    for (let i = 0; i < 10; i++) {
      const { status, body } = await (i % 2 === 0 ? ask("GET", "/api/campaigns") : ask("POST", "/api/campaigns", {}));
      assert.equal(status, 503);
      assert.ok(body["from"] === 0 || body["from"] === 1, nginx!.log("access"));
    }
    behaviour.fill("answers");
    for (let i = 0; i < 10; i++) assert.equal((await ask("POST", "/api/campaigns", {})).status, 200);
  });
});
