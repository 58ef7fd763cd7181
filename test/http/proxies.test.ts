import assert from "node:assert/strict";
import { canonicalAddress, rateKeyOf } from "../../src/http/address.ts";
import { type Arriving, namesItsHost, Proxies } from "../../src/http/proxies.ts";

interface Said {
  readonly from?: string;
  readonly tls?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** where they are not the headers' names and values in order */
  readonly rawHeaders?: readonly string[];
  readonly httpVersion?: string;
}

function arriving({ from = "127.0.0.1", tls = false, headers = {}, rawHeaders, httpVersion = "1.1" }: Said): Arriving {
  return {
    headers,
    rawHeaders: [...(rawHeaders ?? Object.entries(headers).flat())],
    httpVersion,
    socket: { remoteAddress: from, encrypted: tls } as never,
  };
}

describe("what proxies tell", () => {
  it("[H56] an address has one form: no port, no brackets, no zone, a mapped IPv4 one as IPv4", () => {
    for (const [text, canonical] of [
      ["198.51.100.4", "198.51.100.4"],
      [" 198.51.100.4:4711 ", "198.51.100.4"],
      ["::ffff:198.51.100.4", "198.51.100.4"],
      ["::FFFF:c633:6404", "198.51.100.4"],
      ["[::ffff:198.51.100.4]:443", "198.51.100.4"],
      ["2001:0DB8:0:0:1::1", "2001:db8::1:0:0:1"],
      ["[2001:db8::1]:443", "2001:db8::1"],
      ["[2001:db8::1]", "2001:db8::1"],
      ["fe80::1%eth0", "fe80::1"],
      ["::1", "::1"],
    ] as const) {
      assert.equal(canonicalAddress(text), canonical, text);
    }
    for (const text of [
      "",
      "unknown",
      "_hidden",
      "198.51.100",
      "198.51.100.4:x",
      "[::1",
      "::1]",
      "a:b",
      "1.2.3.4, 5",
    ]) {
      assert.equal(canonicalAddress(text), undefined, text);
    }
  });

  it("[H56] a rate counts an IPv4 address by itself, and an IPv6 one by its /64", () => {
    assert.equal(rateKeyOf("198.51.100.4"), "198.51.100.4");
    const keys = ["2001:db8:0:7::1", "2001:db8:0:7:ffff::", "2001:db8:0:7:1:2:3:4"].map(rateKeyOf);
    assert.equal(new Set(keys).size, 1);
    assert.notEqual(rateKeyOf("2001:db8:0:8::1"), keys[0]);
    assert.notEqual(rateKeyOf("2001:db8::7:0:0:1"), keys[0]);
    assert.equal(rateKeyOf("::1"), rateKeyOf("::2"));
  });

  it("[H56] the client is the first that no believed proxy tells of, with ports or without", () => {
    const told = (trust: boolean | number | string, forwarded: string, from = "127.0.0.1") =>
      new Proxies(trust).addressOf(arriving({ from, headers: { "x-forwarded-for": forwarded } }));
    assert.equal(told(false, "198.51.100.4"), "127.0.0.1");
    assert.equal(told("loopback", "198.51.100.4:4711"), "198.51.100.4");
    assert.equal(
      told("loopback", "203.0.113.9, 198.51.100.4:4711"),
      "198.51.100.4",
      "what a client claims is not believed",
    );
    assert.equal(told("loopback, 10.0.0.0/8", "203.0.113.9:1, 10.1.2.3:80"), "203.0.113.9");
    assert.equal(told("loopback, 10.0.0.0/8", "203.0.113.9:1, ::ffff:10.1.2.3"), "203.0.113.9");
    assert.equal(told("loopback", "203.0.113.9", "::ffff:127.0.0.1"), "203.0.113.9");
    assert.equal(told("loopback", "203.0.113.9", "192.0.2.1"), "192.0.2.1", "not from a believed proxy");
    assert.equal(told("2001:db8::/32", "203.0.113.9", "2001:db8:1::1"), "203.0.113.9");
    assert.equal(told("0.0.0.0/0", "203.0.113.9, 198.51.100.4"), "203.0.113.9");
    assert.equal(told(1, "203.0.113.9, 198.51.100.4"), "198.51.100.4");
    assert.equal(told(2, "203.0.113.9, 198.51.100.4"), "203.0.113.9");
    assert.equal(told(true, "203.0.113.9, 198.51.100.4"), "203.0.113.9");
    assert.equal(told(true, "unknown, 198.51.100.4"), "198.51.100.4");
    assert.equal(told(true, "203.0.113.9, unknown"), "127.0.0.1", "nobody knows who was before one without an address");
    assert.equal(told(true, ""), "127.0.0.1");
  });

  it("[H51] our host is what a believed proxy says in X-Forwarded-Host, else Host", () => {
    const headers = { host: "backend:2567", "x-forwarded-host": "table.example:8443, inner" };
    assert.equal(new Proxies("loopback").hostOf(arriving({ headers })), "table.example:8443");
    assert.equal(new Proxies(false).hostOf(arriving({ headers })), "backend:2567");
    assert.equal(new Proxies("loopback").hostOf(arriving({ headers, from: "192.0.2.1" })), "backend:2567");
    assert.equal(new Proxies("loopback").hostOf(arriving({ headers: { host: "backend" } })), "backend");
  });

  it("[H57] https is what the socket is, or what a believed proxy says; else nobody knows", () => {
    const secure = (said: Said, trust: boolean | string = "loopback") => new Proxies(trust).isSecure(arriving(said));
    assert.equal(secure({ tls: true }), true);
    assert.equal(secure({ headers: { "x-forwarded-proto": "https" } }), true);
    assert.equal(secure({ headers: { "x-forwarded-proto": "https,http" } }), true);
    assert.equal(secure({ headers: { "x-forwarded-proto": "wss" } }), true);
    assert.equal(secure({ headers: { "x-forwarded-proto": "http" } }), false);
    assert.equal(secure({}), undefined);
    assert.equal(secure({ headers: { "x-forwarded-proto": "https" } }, false), undefined);
    assert.equal(secure({ headers: { "x-forwarded-proto": "https" }, from: "192.0.2.1" }), undefined);
  });

  it("[H54] a host is a name or an address with a port perhaps, and there is one of them", () => {
    const proxies = new Proxies("loopback");
    const names = (said: Said) => namesItsHost(arriving(said), proxies);
    for (const host of [
      "table.example",
      "table.example:8443",
      "127.0.0.1:1",
      "[::1]:2567",
      "a_b",
      "localhost.",
      "x:",
    ]) {
      assert.ok(names({ headers: { host } }), host);
    }
    for (const host of [
      "[::::]:x",
      "",
      " ",
      "a b",
      "a/b",
      "a?b",
      "a#b",
      "u@a",
      "a,b",
      "a:65536",
      "a:x",
      "[::1",
      "a\\b",
    ]) {
      assert.ok(!names({ headers: { host } }), host);
    }
    assert.ok(!names({ headers: { host: "a" }, rawHeaders: ["Host", "a", "host", "a"] }), "several");
    assert.ok(!names({ headers: { host: "a", "x-forwarded-host": "[::::]:x" } }), "a believed proxy's");
    assert.ok(names({ headers: { host: "a", "x-forwarded-host": "[::::]:x" }, from: "192.0.2.1" }), "anybody's");
    assert.ok(!names({}), "none");
    assert.ok(names({ httpVersion: "1.0" }), "HTTP/1.0 needs none");
  });
});
