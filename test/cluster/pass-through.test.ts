import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import WebSocket, { WebSocketServer } from "ws";
import { eventually, pause } from "../support/eventually.ts";
import { EdgeProcess, type EdgeTimes, HostProcess } from "../support/peers.ts";
import { dial, exchange, head } from "../support/raw-http.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

describe("WebSockets that are passed on", () => {
  const ends: { end(): void }[] = [];
  afterEach(() => {
    for (const one of ends.splice(0)) one.end();
  });

  /** A host with a WebSocket server, and a process before it that hosts nothing. */
  async function pair(times: EdgeTimes = {}) {
    const [host, edge] = [await HostProcess.begin(), await EdgeProcess.begin(times)];
    const server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
    const asked: { readonly url: string; readonly headers: IncomingMessage["headers"]; readonly address: string }[] =
      [];
    host.listener.server.on("upgrade", (request, socket, bytes) => {
      asked.push({ url: request.url ?? "", headers: request.headers, address: host.proxies.addressOf(request) });
      server.handleUpgrade(request, socket, bytes, (opened) => server.emit("connection", opened, request));
    });
    server.on("connection", (socket) => socket.on("error", () => undefined));
    ends.push(host, edge);
    edge.hosts.hosts.set("s", host.host);
    return { host, edge, server, asked };
  }

  function client(edge: EdgeProcess, path = "/host/s?sessionId=1&_authToken=t", headers: object = {}) {
    const socket = new WebSocket(edge.url.replace("http", "ws") + path, { headers: { ...headers } });
    socket.on("error", () => undefined);
    const got: Buffer[] = [];
    socket.on("message", (data: Buffer) => got.push(data));
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    return { socket, got, closed };
  }

  /** Both ends of one that is open. */
  async function opened(times: EdgeTimes = {}) {
    const all = await pair(times);
    const connected = once(all.server, "connection");
    const here = client(all.edge);
    const [there] = (await connected) as [WebSocket];
    if (here.socket.readyState !== WebSocket.OPEN) await once(here.socket, "open");
    return { ...all, ...here, there };
  }

  it("[MP42] frames go both ways as they are, of any size and kind, in order", async () => {
    const { socket, there, got } = await opened();
    const back: Buffer[] = [];
    there.on("message", (data: Buffer) => back.push(data));
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_000_000];
    for (const size of sizes) {
      socket.send(Buffer.alloc(size, size % 251));
      there.send(Buffer.alloc(size * 2, size % 241));
    }
    await eventually("all of them", () => got.length === sizes.length && back.length === sizes.length);
    for (const [i, size] of sizes.entries()) {
      assert.ok(back[i]!.equals(Buffer.alloc(size, size % 251)) && got[i]!.equals(Buffer.alloc(size * 2, size % 241)));
    }
  });

  it("[MP42] what follows the request at once is not lost", async () => {
    const { edge, server } = await pair();
    const messages: string[] = [];
    server.on("connection", (there) => there.on("message", (data: Buffer) => messages.push(data.toString())));
    const socket = await dial(edge.url);
    const lines = ["Host: a", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
    const masked = Buffer.concat([Buffer.of(0x81, 0x82, 0, 0, 0, 0), Buffer.from("hi")]);
    socket.write(head("GET /host/s HTTP/1.1", ...lines, `Sec-WebSocket-Key: ${KEY}`));
    socket.write(masked);
    await eventually("the message", () => messages.join() === "hi");
    socket.destroy();
  });

  it("[MP42] pings are answered by the client, not by the process in between", async () => {
    const { socket, there } = await opened();
    const pongs: string[] = [];
    there.on("pong", (data) => pongs.push(data.toString()));
    there.ping("1");
    await eventually("a pong", () => pongs.join() === "1");
    (socket as unknown as { _socket: Socket })._socket.pause();
    there.ping("2");
    await pause(60);
    assert.deepEqual(pongs, ["1"]);
  });

  it("[MP42] close codes and reasons pass, from either end", async () => {
    for (const code of [1000, 4000, 4010, 4201]) {
      const { there, closed } = await opened();
      there.close(code, `why ${code}`);
      assert.deepEqual(await closed, { code, reason: `why ${code}` });
    }
    const { socket, there } = await opened();
    const left = once(there, "close");
    socket.close(4000, "bye");
    const [code, reason] = (await left) as [number, Buffer];
    assert.deepEqual([code, reason.toString()], [4000, "bye"]);
    const large = await opened();
    large.socket.send(Buffer.alloc(1024 * 1024 + 1));
    assert.equal((await large.closed).code, 1009, "the host's limit of a frame");
  });

  it("[MP44] the host is asked with what the client asked, and told whose WebSocket it is", async () => {
    const { edge, asked } = await pair();
    const headers = {
      origin: "https://table.example",
      "x-forwarded-for": "198.51.100.4",
      "x-process-forwarded": "a.b",
      cookie: "a=b",
      "user-agent": "ünity",
    };
    const { socket } = client(edge, "/host/s?sessionId=%2F1&_authToken=t", headers);
    await once(socket, "open");
    const [one] = asked;
    assert.equal(one!.url, "/host/s?sessionId=%2F1&_authToken=t");
    assert.equal(one!.address, "198.51.100.4");
    assert.equal(one!.headers.origin, "https://table.example");
    assert.equal(one!.headers["user-agent"], "ünity", "byte by byte");
    assert.equal(one!.headers.cookie, undefined);
    assert.equal(one!.headers["x-forwarded-for"], undefined);
  });

  it("[MP44] the path names the process; of somebody who comes back the session's host counts", async () => {
    const { edge, host } = await pair();
    const other = await HostProcess.begin("other");
    ends.push(other);
    edge.hosts.hosts.set("t", other.host);
    const back = client(edge, "/other/s?sessionId=1&reconnectionToken=r");
    await once(back.socket, "open");
    assert.equal((await refusal(edge, "/edge/s")).status, 404, "this process");
    assert.equal((await refusal(edge, "/nobody/s")).status, 404, "no process");
    assert.equal((await refusal(edge, "/host/u?reconnectionToken=r")).status, 404, "nobody hosts it");
    assert.equal(host.listener.connections, 1);
  });

  const refusal = (edge: EdgeProcess, path: string) =>
    exchange(
      edge.url,
      head(
        `GET ${path} HTTP/1.1`,
        ...["Host: a", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
        `Sec-WebSocket-Key: ${KEY}`,
      ),
    );

  it("[MP44] [MP48] a process that began a moment ago is looked for; for somebody without a token nothing is", async () => {
    const { edge, host } = await pair();
    edge.hosts.hosts.clear();
    edge.hosts.born.set("host", host.host);
    for (const isKnown of [async () => false, () => Promise.reject(new Error("no keys"))]) {
      edge.isKnown = isKnown;
      assert.equal((await refusal(edge, "/host/s")).status, 404);
      assert.equal((await refusal(edge, "/host/s?reconnectionToken=r")).status, 404);
    }
    assert.equal(edge.hosts.lookUps, 0);
    edge.isKnown = async () => true;
    await once(client(edge).socket, "open");
    assert.equal(edge.hosts.lookUps, 1);
  });

  it("[MP44] a refusal of the host is the client's", async () => {
    const { edge, host } = await pair();
    host.listener.server.removeAllListeners("upgrade").on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
    });
    const answer = await refusal(edge, "/host/s");
    assert.deepEqual([answer.status, answer.text], [403, "no"]);
    await eventually("nothing is open", () => edge.passThrough.size === 0 && host.listener.sockets.size === 0);
  });

  it("[MP36] a WebSocket that made one hop makes no second one", async () => {
    const [one, other] = [await EdgeProcess.begin({}, "one"), await EdgeProcess.begin({}, "other")];
    ends.push(one, other);
    one.hosts.hosts.set("s", other.host);
    other.hosts.hosts.set("s", one.host);
    assert.equal((await refusal(one, "/x/s?reconnectionToken=r")).status, 503);
    assert.equal(one.listener.connections, 1);
  });

  it("[MP32] [MP38] hosts that refuse, hang, or are none of ours: 503, or here where nobody is left", async () => {
    const { edge, host } = await pair({ provenWithinMs: 60, firstByteWithinMs: 60 });
    host.listener.server.removeAllListeners("upgrade").on("upgrade", () => undefined);
    assert.equal((await refusal(edge, "/host/s")).status, 503, "no answer");
    host.proves = false;
    assert.equal((await refusal(edge, "/host/s?_authToken=secret")).status, 503, "no proof");
    assert.ok(host.got.every(({ url }) => !url.includes("secret")));
    host.end();
    assert.equal((await refusal(edge, "/host/s")).status, 404, "nobody listens");
    assert.deepEqual(edge.hosts.refusals, ["host"]);
    await eventually("nothing is open", () => edge.passThrough.size === 0);
  });

  it("[MP43] when the host dies, its clients are told to come back: 4010 host_moved", async () => {
    const { host, edge, there, got, closed } = await opened();
    there.send("last");
    await eventually("the last frame", () => got.length === 1);
    host.listener.cut();
    assert.deepEqual(await closed, { code: 4010, reason: "host_moved" });
    await eventually("nothing is open", () => edge.passThrough.size === 0 && edge.listener.sockets.size === 0);
  });

  it("[MP43] in the middle of a frame the line ends, and no frame is made up", async () => {
    const { host, there, got, closed } = await opened();
    // A frame of 1,000 bytes of which 10 come.
    (there as unknown as { _socket: Socket })._socket.write(Buffer.of(0x82, 126, 3, 0xe8, ...Buffer.alloc(10)));
    await pause(50);
    host.listener.cut();
    assert.equal((await closed).code, 1006);
    assert.equal(got.length, 0);
  });

  it("[MP43] when a host falls silent, or this process stops, clients are told, once", async () => {
    const silent = await opened();
    silent.edge.passThrough.lost("another");
    await pause(20);
    assert.equal(silent.socket.readyState, WebSocket.OPEN);
    silent.edge.passThrough.lost("host");
    assert.deepEqual(await silent.closed, { code: 4010, reason: "host_moved" });
    const stopping = await opened();
    const gone = once(stopping.there, "close");
    stopping.edge.passThrough.stop();
    assert.deepEqual(await stopping.closed, { code: 4010, reason: "server_restarting" });
    await gone;
    const ended = await opened();
    ended.there.close(4201, "removed");
    await eventually("the host has said it", () => ended.there.readyState !== WebSocket.OPEN);
    ended.edge.passThrough.lost("host");
    assert.equal((await ended.closed).code === 4201 || (await ended.closed).code === 4010, true);
  });

  it("[MP45] a client that goes is gone for the host at once, however it goes", async () => {
    for (const go of ["terminate", "reset", "end"] as const) {
      const { edge, host, socket, there } = await opened();
      const gone = once(there, "close");
      const tcp = (socket as unknown as { _socket: Socket })._socket;
      if (go === "terminate") socket.terminate();
      else if (go === "reset") tcp.resetAndDestroy();
      else tcp.end();
      const [code] = (await gone) as [number];
      assert.equal(code, 1006, go);
      await eventually("nothing is open", () => edge.passThrough.size === 0 && host.listener.sockets.size === 0);
    }
  });

  it("[MP45] a slow reader slows the host, which sees how much waits", async () => {
    const { edge, socket, there, closed } = await opened();
    const tcp = (socket as unknown as { _socket: Socket })._socket;
    tcp.pause();
    const chunk = Buffer.alloc(64 * 1024);
    let sent = 0;
    await eventually(
      "the host has 1 MiB unsent",
      () => {
        for (let i = 0; i < 8; i++) {
          there.send(chunk);
          sent += chunk.length;
        }
        return there.bufferedAmount > 1024 * 1024;
      },
      5_000,
    );
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes went before anybody waited`);
    // What the host says then reaches a reader that goes on.
    there.close(4010, "too_slow");
    tcp.resume();
    assert.deepEqual(await closed, { code: 4010, reason: "too_slow" });
    await eventually("nothing is open", () => edge.passThrough.size === 0);
  });

  it("[MP45] who takes nothing at all is cut off, though the host cannot be seen to have given up", async () => {
    const { edge, host, socket, there } = await opened({ takenWithinMs: 120 });
    (socket as unknown as { _socket: Socket })._socket.pause();
    await eventually(
      "the host has to wait",
      () => {
        there.send(Buffer.alloc(256 * 1024));
        return there.bufferedAmount > 1024 * 1024;
      },
      5_000,
    );
    there.terminate();
    await eventually("nothing is open", () => edge.passThrough.size === 0 && edge.listener.sockets.size === 0);
    assert.equal(host.listener.sockets.size, 0);
  });

  it("[MP45] a host that does not read slows the client", async () => {
    const { socket, there } = await opened();
    (there as unknown as { _socket: Socket })._socket.pause();
    let sent = 0;
    await eventually(
      "the client has to wait",
      () => {
        for (let i = 0; i < 8; i++) {
          socket.send(Buffer.alloc(64 * 1024));
          sent += 64 * 1024;
        }
        return socket.bufferedAmount > 1024 * 1024;
      },
      5_000,
    );
    assert.ok(sent < 64 * 1024 * 1024);
    let read = 0;
    there.on("message", (data: Buffer) => {
      read += data.length;
    });
    (there as unknown as { _socket: Socket })._socket.resume();
    await eventually("all of it", () => read === sent, 5_000);
  });
});
