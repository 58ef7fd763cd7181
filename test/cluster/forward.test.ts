import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { eventually } from "../support/eventually.ts";
import { call } from "../support/http.ts";
import { EdgeProcess, type EdgeTimes, HostProcess, Listener } from "../support/peers.ts";
import { dial, exchange, head } from "../support/raw-http.ts";

describe("requests that another process answers", () => {
  const ends: { end(): void }[] = [];
  afterEach(() => {
    for (const one of ends.splice(0)) one.end();
  });

  async function pair(times: EdgeTimes = {}) {
    const [host, edge] = [await HostProcess.begin(), await EdgeProcess.begin(times)];
    ends.push(host, edge);
    edge.hosts.hosts.set("s", host.host);
    return { host, edge };
  }

  describe("what is sent on", () => {
    it("[MP33] method, path, query, body and headers come to the host as they are, but for what is about one connection", async () => {
      const { host, edge } = await pair();
      const answer = await call(edge.url, "POST", "/api/sessions/s/invites?x=%2F&y", {
        token: "t.o.k",
        body: { label: "ä" },
        headers: {
          "last-event-id": "7",
          te: "trailers",
          "x-real-ip": "192.0.2.9",
          forwarded: "for=192.0.2.9",
          cookie: "a=b",
        },
      });
      assert.equal(answer.status, 200);
      const [{ method, url, headers, body } = { headers: {} as IncomingMessage["headers"] }] = host.got;
      assert.deepEqual([method, url, body], ["POST", "/api/sessions/s/invites?x=%2F&y", '{"label":"ä"}']);
      assert.equal(headers.authorization, "Bearer t.o.k");
      assert.equal(headers["last-event-id"], "7");
      assert.equal(headers.cookie, "a=b");
      assert.equal(headers["content-type"], "application/json");
      assert.equal(headers.host, new URL(host.host.internalUrl).host);
      for (const name of ["te", "x-real-ip", "forwarded", "x-forwarded-for", "transfer-encoding"]) {
        assert.equal(headers[name], undefined, name);
      }
    });

    it("[MP34] the answer is the host's: status, headers and body, and nothing of the process that was asked", async () => {
      const { host, edge } = await pair();
      for (const status of [200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503]) {
        const body = status === 204 || status === 304 ? "" : JSON.stringify({ status, code: "as it is" });
        host.answer = (_request, response) => {
          response.writeHead(status, {
            "Content-Type": "application/problem+json",
            "Retry-After": "3",
            "Set-Cookie": ["a=1; Path=/monitor", "b=2"],
            "X-Of-Host": "yes",
          });
          response.end(body);
        };
        const answer = await call(edge.url, "GET", "/api/sessions/s");
        assert.equal(answer.status, status);
        assert.equal(answer.text, body);
        assert.equal(answer.headers.get("content-type"), "application/problem+json");
        assert.equal(answer.headers.get("retry-after"), "3");
        assert.deepEqual(answer.headers.getSetCookie(), ["a=1; Path=/monitor", "b=2"]);
        assert.equal(answer.headers.get("x-of-host"), "yes");
      }
      const redirects = await pair();
      redirects.host.answer = (_request, response) => response.writeHead(302, { Location: "http://192.0.2.1/" }).end();
      const redirect = await fetch(`${redirects.edge.url}/x`, { redirect: "manual" });
      assert.equal(redirect.headers.get("location"), "http://192.0.2.1/", "a redirect is not followed");
    });

    it("[MP34] HEAD is answered without a body, and the connection goes on", async () => {
      const { host, edge } = await pair();
      host.answer = (_request, response) => response.writeHead(200, { "Content-Length": "5" }).end("hello");
      for (const method of ["HEAD", "GET", "HEAD"]) {
        const answer = await call(edge.url, method, "/x");
        assert.equal(answer.headers.get("content-length"), "5");
        assert.equal(answer.text, method === "GET" ? "hello" : "");
      }
    });

    it("[MP33] connections to a host are kept, and used again", async () => {
      const { host, edge } = await pair();
      for (let i = 0; i < 20; i++) assert.equal((await call(edge.url, "GET", "/x")).status, 200);
      assert.equal(host.listener.connections, 1);
    });

    it("[MP35] a session that runs here, or nowhere, is answered here", async () => {
      const { edge } = await pair();
      edge.hosts.hosts.clear();
      assert.equal((await call(edge.url, "GET", "/x")).text, "here");
      assert.deepEqual(edge.outcomes, []);
    });
  });

  describe("who is believed", () => {
    const claims = (edge: EdgeProcess) =>
      edge.proof.forwarded("host", 0, "GET", "/x", { address: "192.0.2.66", host: "evil", isSecure: true });

    it("[MP30] the host counts the client's address, as the process that was asked sees it", async () => {
      const { host, edge } = await pair();
      await call(edge.url, "GET", "/x", { headers: { "x-forwarded-for": "198.51.100.4" } });
      assert.equal(host.got[0]?.address, "198.51.100.4", "by a trusted proxy");
    });

    it("[MP30] headers of our own that a client sets change nothing, whichever process it asks", async () => {
      const { host, edge } = await pair();
      const stranger = await HostProcess.begin("host", "another secret");
      ends.push(stranger);
      const forged = stranger.proof.forwarded("host", 0, "GET", "/x", {
        address: "192.0.2.66",
        host: "evil",
        isSecure: true,
      });
      const names = ["X-Process-Forwarded", "x-process-forwarded", "X-PROCESS-FORWARDED"];
      const sets = [
        ...names.map((name) => [`${name}: ${forged}`]),
        [`${names[0]}: ${forged}`, `${names[1]}: ${forged}`],
        [`${names[0]}: ${forged}, ${forged}`],
        [`${names[0]}:`, `X-Process-Proof: ${forged}`, `X-Process-Challenge: ${forged}`],
      ];
      for (const url of [edge.url, host.host.internalUrl]) {
        for (const lines of sets) {
          host.got.length = 0;
          const answer = await exchange(url, head("GET /x HTTP/1.1", "Host: a", ...lines));
          assert.equal(answer.status, 200);
          assert.equal(host.got.length, 1, lines.join());
          assert.equal(host.got[0]!.address, "127.0.0.1", `${url} ${lines.join()}`);
        }
      }
    });

    it("[MP30] even a header that is good for the host is not sent on by the process that was asked", async () => {
      const { host, edge } = await pair();
      await call(edge.url, "GET", "/x", { headers: { "x-process-forwarded": claims(edge) } });
      assert.equal(host.got[0]?.address, "127.0.0.1");
    });

    it("[MP36] what made one hop makes no second one: it is answered there, or 503", async () => {
      const [one, other] = [await EdgeProcess.begin({}, "one"), await EdgeProcess.begin({}, "other")];
      ends.push(one, other);
      // Two that take each other for the host.
      one.hosts.hosts.set("s", other.host);
      other.hosts.hosts.set("s", one.host);
      assert.equal((await call(one.url, "GET", "/x")).status, 503);
      assert.deepEqual([one.outcomes, other.outcomes], [["answered"], []]);
      assert.equal(one.listener.connections, 1, "nobody asked it but the client");
      other.hosts.hosts.clear();
      assert.equal((await call(one.url, "GET", "/x")).text, "here");
    });

    it("[MP32] nothing of a client reaches an address that does not prove itself", async () => {
      const { edge } = await pair({ provenWithinMs: 100 });
      const heard: string[] = [];
      const answers: Record<string, (text: string) => string | undefined> = {
        nothing: () => undefined,
        "200": () => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "404": () => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "no HTTP": () => "hello\r\n\r\n",
        "a proof of nothing": () => "HTTP/1.1 204 No Content\r\nX-Process-Proof: a.b\r\n\r\n",
        "its own challenge": (text) =>
          `HTTP/1.1 204 No Content\r\nX-Process-Proof: ${/x-process-challenge: (\S+)/i.exec(text)?.[1]}\r\n\r\n`,
        "a redirect": () => "HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
        "a long head": () => `HTTP/1.1 204 No Content\r\nX: ${"x".repeat(9_000)}`,
        "more than a head": () => "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\nmore",
      };
      for (const [what, answer] of Object.entries(answers)) {
        heard.length = 0;
        const fake = await Listener.begin(() => undefined);
        fake.server.removeAllListeners("connection").on("connection", (socket) => {
          fake.sockets.add(socket);
          socket.on("error", () => undefined);
          socket.on("data", (bytes) => {
            heard.push(bytes.toString());
            const said = answer(bytes.toString());
            if (said !== undefined) socket.write(said);
          });
        });
        ends.push(fake);
        edge.hosts.hosts.set("s", { processId: what, internalUrl: fake.url, publicAddress: null });
        const asked = await call(edge.url, "POST", "/x?ticket=secret", { token: "secret", body: { secret: "secret" } });
        assert.equal(asked.status, 503, what);
        assert.ok(heard.length > 0 && !heard.join("").includes("secret"), `${what}: ${heard.join("")}`);
      }
      assert.ok(edge.unproven.includes("200") && edge.unproven.includes("a proof of nothing"));
      assert.ok(!edge.unproven.includes("nothing"), "who says nothing may be slow");
    });

    it("[MP32] who has another secret, and who passes the challenge on to the right process, prove nothing", async () => {
      const { host, edge } = await pair();
      const impostor = await HostProcess.begin("host", "another secret");
      const passing = await HostProcess.begin("host");
      ends.push(impostor, passing);
      passing.listener.server.removeAllListeners("request").on("request", (request, response) => {
        const onward = connect(host.listener.port, "127.0.0.1");
        onward.write(
          `POST /internal/proof HTTP/1.1\r\nHost: a\r\nx-process-challenge: ${request.headers["x-process-challenge"]}\r\nContent-Length: 0\r\n\r\n`,
        );
        onward.once("data", (bytes) => response.socket!.write(bytes));
      });
      for (const { internalUrl } of [impostor.host, passing.host]) {
        edge.hosts.hosts.set("s", { ...host.host, internalUrl });
        assert.equal((await call(edge.url, "GET", "/x", { token: "secret" })).status, 503);
      }
      assert.deepEqual(edge.unproven, ["host", "host"]);
      assert.equal(impostor.got.length + passing.got.length, 0);
    });

    it("[MP37] where another life of a process answers, the one that is meant is dead", async () => {
      const { host, edge } = await pair();
      edge.hosts.hosts.set("s", { ...host.host, processId: "a former life" });
      assert.equal((await call(edge.url, "GET", "/x", { token: "secret" })).text, "here");
      assert.deepEqual(edge.hosts.refusals, ["a former life"]);
      assert.equal(host.got.length, 0);
    });
  });

  describe("hosts that fail", () => {
    it("[MP37] one that refuses is dead at once, and the session is answered here or at its new host", async () => {
      const { host, edge } = await pair();
      const gone = await HostProcess.begin("gone");
      gone.end();
      edge.hosts.hosts.set("s", gone.host);
      const posted = await call(edge.url, "POST", "/x", { body: { kept: 1 } });
      assert.equal(posted.text, "here");
      assert.deepEqual(edge.hosts.refusals, ["gone"]);
      edge.hosts.hosts.set("s", gone.host);
      edge.hosts.refused = () => void edge.hosts.hosts.set("s", host.host);
      assert.equal((await call(edge.url, "POST", "/x", { body: { kept: 1 } })).status, 200);
      assert.equal(host.got[0]?.body, '{"kept":1}', "whole, though it was sent once before");
      edge.hosts.refused = () => undefined;
      edge.hosts.hosts.set("s", gone.host);
      assert.equal((await call(edge.url, "GET", "/x")).status, 503, "and not for ever");
    });

    it("[MP38] one that hangs is 503 in time: before the connection, before the proof, before the answer", async () => {
      const { host, edge } = await pair({ provenWithinMs: 80, firstByteWithinMs: 80 });
      host.answer = () => undefined;
      assert.equal((await call(edge.url, "GET", "/x")).status, 503);
      assert.equal((await call(edge.url, "POST", "/x")).status, 503);
      assert.equal(host.got.filter(({ method }) => method === "POST").length, 1, "asked once");
      host.proves = false;
      edge.agent.drop("host");
      assert.equal((await call(edge.url, "GET", "/x")).status, 503);
      // Over TLS there is no connection before the other end has spoken.
      const mute = await Listener.begin(() => undefined);
      mute.server.removeAllListeners("connection").on("connection", (socket) => mute.sockets.add(socket));
      const slow = await EdgeProcess.begin({ connectedWithinMs: 60 });
      ends.push(mute, slow);
      const internalUrl = mute.url.replace("http", "https");
      slow.hosts.hosts.set("s", { processId: "mute", internalUrl, publicAddress: null });
      assert.equal((await call(slow.url, "GET", "/x")).status, 503);
      assert.deepEqual(slow.hosts.refusals, []);
      assert.deepEqual(edge.hosts.refusals, []);
    });

    it("[MP38] an answer that is held back on purpose is waited for", async () => {
      const { host, edge } = await pair({ firstByteWithinMs: 80 });
      host.answer = (_request, response) => void setTimeout(() => response.end("held"), 250);
      const patient = await Listener.begin((request, response) => {
        const asked = { sessionId: "s", path: "/x", body: undefined, heldMs: 2_000 };
        void edge.forwarder.answer(asked, request, response).then((answering) => {
          if (answering !== "answered") response.writeHead(503).end();
        });
      });
      ends.push(patient);
      assert.equal((await call(patient.url, "GET", "/x")).text, "held");
      assert.equal((await call(edge.url, "GET", "/x")).status, 503);
    });

    it("[MP38] one that dies before it answers: what may be done twice is asked again, the rest is 503", async () => {
      const { host, edge } = await pair();
      let deaths = 1;
      host.answer = (_request, response) => {
        if (deaths-- > 0) host.listener.cut();
        else response.end("alive");
      };
      assert.equal((await call(edge.url, "GET", "/x")).text, "alive");
      deaths = 1;
      assert.equal((await call(edge.url, "POST", "/x")).status, 503);
      assert.deepEqual(edge.outcomes, ["answered", "unavailable"]);
    });

    it("[MP39] one that dies in the middle of an answer: the client's is cut off, and never looks whole", async () => {
      const { host, edge } = await pair();
      for (const head of [{}, { "Content-Length": "100000" }]) {
        host.answer = (_request, response) => {
          response.writeHead(200, head);
          response.write("x".repeat(50_000));
          setTimeout(() => host.listener.cut(), 30);
        };
        await assert.rejects(call(edge.url, "GET", "/x"), /terminated|fetch failed/);
      }
      host.answer = (_request, response) => void response.end("alive");
      assert.equal((await call(edge.url, "GET", "/x")).text, "alive");
    });

    it("[MP39] a process that is known to be gone is waited for no more", async () => {
      const { host, edge } = await pair();
      host.answer = () =>
        setTimeout(() => {
          edge.hosts.hosts.clear();
          edge.agent.drop("host");
        }, 20);
      assert.equal((await call(edge.url, "POST", "/x")).status, 503);
      edge.hosts.hosts.set("s", host.host);
      assert.equal((await call(edge.url, "GET", "/x")).text, "here", "what may be done twice is done by the next");
    });
  });

  describe("streams", () => {
    /** Opens a stream and keeps what comes. */
    async function open(url: string): Promise<{ response: IncomingMessage; text: () => string }> {
      const request = get(url);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("error", () => undefined);
      return { response, text: () => text };
    }

    it("[MP40] each event comes at once, the head before the first, for as long as there are some", async () => {
      const { host, edge } = await pair({ firstByteWithinMs: 60 });
      let stream: ServerResponse | undefined;
      host.answer = (_request, response) => {
        stream = response.writeHead(200, { "Content-Type": "text/event-stream" });
        stream.flushHeaders();
      };
      const { response, text } = await open(`${edge.url}/stream`);
      assert.equal(response.headers["content-type"], "text/event-stream");
      for (let i = 1; i <= 4; i++) {
        stream!.write(`data: ${i}\n\n`);
        await eventually(`event ${i}`, () => text().endsWith(`data: ${i}\n\n`));
        // Longer than the answer might have taken.
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      stream!.end();
      await once(response, "end");
    });

    it("[MP40] a stream ends at the host when its reader goes, and at the reader when its host dies", async () => {
      const { host, edge } = await pair();
      const streams: ServerResponse[] = [];
      host.answer = (_request, response) => {
        streams.push(response);
        response.writeHead(200).write("data: 1\n\n");
      };
      const first = await open(`${edge.url}/stream`);
      await eventually("the first event", () => first.text() !== "");
      first.response.destroy();
      await eventually("the host's side is over", () => streams[0]!.destroyed);
      const second = await open(`${edge.url}/stream`);
      await eventually("the first event", () => second.text() !== "");
      host.listener.cut();
      await eventually("the reader's side is over", () => second.response.destroyed && !second.response.complete);
    });

    it("[MP41] a slow reader slows the host, and fills nobody's memory", async () => {
      const { host, edge } = await pair();
      const chunk = Buffer.alloc(64 * 1024, "x");
      const most = 64 * 1024 * 1024;
      let written = 0;
      let stream: ServerResponse | undefined;
      host.answer = (_request, response) => {
        stream = response.writeHead(200);
        const more = (): void => {
          while (written < most) {
            written += chunk.length;
            if (!response.write(chunk)) break;
          }
        };
        response.on("drain", more);
        more();
      };
      const socket = await dial(edge.url);
      socket.write(head("GET /x HTTP/1.1", "Host: a"));
      await once(socket, "readable");
      socket.pause();
      let before = -1;
      await eventually(
        "the host has to wait",
        async () => {
          if (written === before) return true;
          before = written;
          await new Promise((resolve) => setTimeout(resolve, 150));
          return false;
        },
        5_000,
      );
      assert.ok(written < most / 2, `${written} bytes were written for somebody who takes none`);
      assert.ok(stream!.writableNeedDrain);
      socket.destroy();
      await eventually("the host's side is over", () => stream!.destroyed);
    });

    it("[MP41] who goes before there is an answer is waited for by nobody", async () => {
      const { host, edge } = await pair();
      let stream: ServerResponse | undefined;
      host.answer = (_request, response) => {
        stream = response;
      };
      const socket = await dial(edge.url);
      socket.write(head("GET /x HTTP/1.1", "Host: a"));
      await eventually("the host is asked", () => stream !== undefined);
      socket.destroy();
      await eventually("the host's side is over", () => stream!.destroyed);
    });
  });
});
