import assert from "node:assert/strict";
import { inspect } from "node:util";
import { PeerProof } from "../../src/cluster/peer-proof.ts";
import { HandClock } from "../support/hand-clock.ts";

const SECRET = "what the first process put into the store";
const HOST = { processId: "host", internalUrl: "http://10.0.0.2:2567", publicAddress: null };
const CLIENT = { address: "198.51.100.4", host: "table.example", isSecure: true };
/** as its host is told of it */
const SEEN = { ...CLIENT, by: "edge" };

describe("how processes prove themselves to each other", () => {
  const clock = new HandClock();
  const edge = new PeerProof(SECRET, "edge", "http://10.0.0.1:2567", clock);
  const host = new PeerProof(SECRET, HOST.processId, HOST.internalUrl, clock);
  const stranger = new PeerProof("another secret", HOST.processId, HOST.internalUrl, clock);

  /** A request with that header, as a process reads it. */
  const asked = (header: string | string[] | undefined, method = "GET", url = "/api/sessions/s?limit=2") => ({
    method,
    url,
    headers: header === undefined ? {} : { "x-process-forwarded": header },
  });
  const signed = (more: { to?: string; by?: PeerProof; method?: string; path?: string } = {}) =>
    (more.by ?? edge).forwarded(
      more.to ?? "host",
      0,
      more.method ?? "GET",
      more.path ?? "/api/sessions/s?limit=2",
      CLIENT,
    );

  it("[MP30] a host believes what a process of ours says of a client", () => {
    assert.deepEqual(host.clientOf(asked(signed())), SEEN);
    assert.equal(host.isForwarded(asked(signed())), true);
    assert.equal(host.clientOf(asked(undefined)), undefined);
    assert.equal(host.isForwarded(asked(undefined)), false);
    const unknown = { address: "", host: undefined, isSecure: undefined };
    assert.deepEqual(host.clientOf(asked(edge.forwarded("host", 0, "GET", "/api/sessions/s?limit=2", unknown))), {
      ...unknown,
      by: "edge",
    });
  });

  it("[MP30] what is not signed, or for something else, is as if it were not there", () => {
    const good = signed();
    const [text = "", signature = ""] = good.split(".");
    const forged = Buffer.from(JSON.stringify({ to: "host", at: clock.now(), ...CLIENT, address: "192.0.2.1" }));
    const challenge = edge.challenge(HOST);
    for (const [what, header] of [
      ["nothing", ""],
      ["no signature", text],
      ["another's words", `${forged.toString("base64url")}.${signature}`],
      ["another's signature", `${text}.${Buffer.alloc(32).toString("base64url")}`],
      ["a short signature", `${text}.${signature.slice(0, 8)}`],
      ["a third part", `${good}.`],
      ["twice in one", `${good}, ${good}`],
      ["behind a client's own", `x, ${good}`],
      ["for another process", signed({ to: "other" })],
      ["of who has another secret", signed({ by: stranger })],
      ["for another method", signed({ method: "POST" })],
      ["for another path", signed({ path: "/api/sessions/t?limit=2" })],
      ["a challenge", challenge],
      ["a proof", host.answerTo(challenge) ?? ""],
    ] as const) {
      assert.equal(host.clientOf(asked(header)), undefined, what);
      assert.equal(host.isForwarded(asked(header)), false, what);
    }
    assert.equal(host.clientOf(asked([good, good])), undefined, "a list");
  });

  it("[MP31] what was signed more than 30 s ago says nothing of a client, and still that the request made a hop", () => {
    const header = signed();
    clock.jump(30_000);
    assert.deepEqual(host.clientOf(asked(header)), SEEN);
    clock.jump(1);
    assert.equal(host.clientOf(asked(header)), undefined);
    assert.equal(host.isForwarded(asked(header)), true);
    clock.jump(-60_002);
    assert.equal(host.clientOf(asked(header)), undefined, "and from the future");
    clock.jump(30_001);
  });

  it("[MP31] the time is the host's, so that clocks which differ change nothing", () => {
    const late = new HandClock(clock.now() - 3_600_000);
    const behind = new PeerProof(SECRET, "edge", "http://10.0.0.1:2567", late);
    const challenge = behind.challenge(HOST);
    const { aheadMs } = behind.provenBy(challenge, host.answerTo(challenge) ?? "") ?? { aheadMs: 0 };
    assert.equal(aheadMs, 3_600_000);
    assert.deepEqual(host.clientOf(asked(behind.forwarded("host", aheadMs, "GET", "/a", CLIENT), "GET", "/a")), SEEN);
  });

  it("[MP32] a process says who it is to its own kind alone, and at its own address alone", () => {
    const challenge = edge.challenge(HOST);
    const proof = host.answerTo(challenge) ?? "";
    assert.equal(edge.provenBy(challenge, proof)?.processId, "host");
    assert.equal(edge.provenBy(edge.challenge(HOST), proof), undefined, "not for another challenge");
    assert.equal(host.answerTo(stranger.challenge(HOST)), undefined);
    assert.equal(host.answerTo("a.b"), undefined);
    assert.equal(host.answerTo(signed()), undefined);
    assert.equal(edge.provenBy(challenge, stranger.answerTo(stranger.challenge(HOST)) ?? ""), undefined);
    // Who sits at another address cannot have it answered by the process that is meant.
    assert.equal(host.answerTo(edge.challenge({ ...HOST, internalUrl: "http://10.0.0.9:2567" })), undefined);
    // Another life at the same address says that it is another one.
    const next = new PeerProof(SECRET, "host-2", HOST.internalUrl, clock);
    assert.equal(edge.provenBy(challenge, next.answerTo(challenge) ?? "")?.processId, "host-2");
  });

  it("[MP32] the secret is in nothing that a process sends or prints", () => {
    const challenge = edge.challenge(HOST);
    for (const text of [signed(), challenge, host.answerTo(challenge), inspect(edge, { depth: 9, showHidden: true })]) {
      assert.ok(!text!.includes(SECRET) && !text!.includes(Buffer.from(SECRET).toString("base64url")));
    }
    assert.ok(!JSON.stringify(edge).includes(SECRET));
  });
});
