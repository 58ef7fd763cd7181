import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { RawSocket } from "../support/raw-socket.ts";
import { ServerProcess } from "../support/server.ts";

/** A whole number as MessagePack's 64-bit integer, as a Unity client writes every `long` beyond 32 bits. */
class Integer64 {
  readonly bytes: Buffer;
  constructor(value: bigint, isSigned: boolean) {
    this.bytes = Buffer.alloc(9, isSigned ? 0xd3 : 0xcf);
    if (isSigned) this.bytes.writeBigInt64BE(value, 1);
    else this.bytes.writeBigUInt64BE(value, 1);
  }
}

const signed = (value: bigint) => new Integer64(value, true);
const unsigned = (value: bigint) => new Integer64(value, false);

/** Just enough of MessagePack to write messages with 64-bit integers in them. */
function packed(value: unknown): Buffer {
  if (value instanceof Integer64) return value.bytes;
  if (typeof value === "string") {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.of(0xd9, bytes.length), bytes]);
  }
  if (typeof value === "number") return Buffer.of(value);
  if (Array.isArray(value)) return Buffer.concat([Buffer.of(0x90 | value.length), ...value.map(packed)]);
  const pairs = Object.entries(value as object);
  return Buffer.concat([Buffer.of(0x80 | pairs.length), ...pairs.flat().map(packed)]);
}

describe("64-bit integers on the wire", function () {
  this.timeout(20_000);
  let server: ServerProcess;
  let evening: Evening;
  let raw: RawSocket;
  let requests = 0;

  before(async () => {
    server = await ServerProcess.start();
    evening = await Evening.prepare(server, { members: { ana: "player" } });
    raw = await RawSocket.join(server, evening.person("ana"), evening.sessionId);
  });

  after(async () => {
    raw?.close();
    await server?.dispose();
  });

  /** @returns the status byte of the answer: 0 resolved, 1 rejected; and its text */
  async function asked(type: string, payload: unknown): Promise<{ status: number; text: string }> {
    requests += 1;
    const id = requests;
    raw.request(id, type, packed(payload));
    return await eventually(`an answer to ${type}`, () => raw.response(id));
  }

  const set = (path: string, value: unknown, more: object = {}) =>
    asked("command", { id: `i${requests}`, action: "set", payload: { path, value }, ...more });

  async function valueAt(path: string): Promise<string | undefined> {
    const { entries } = await evening.gm.get<{ entries: Record<string, { value: string }> }>(
      "GET",
      `${evening.path}/state`,
    );
    return entries[path]?.value;
  }

  it("[X70] are numbers, alone and deep inside, signed and unsigned", async () => {
    for (const [value, text] of [
      [signed(1_700_000_000_000n), "1700000000000"],
      [unsigned(1_700_000_000_000n), "1700000000000"],
      [signed(-1_700_000_000_000n), "-1700000000000"],
      [signed(7n), "7"],
      [unsigned(2n ** 53n - 1n), "9007199254740991"],
      [signed(-(2n ** 53n) + 1n), "-9007199254740991"],
    ] as const) {
      assert.equal((await set("shared/when", value)).status, 0, text);
      assert.equal(await valueAt("shared/when"), text);
    }
    await set("shared/deep", [1, { a: [signed(5_000_000_000n)] }, unsigned(0n)]);
    assert.equal(await valueAt("shared/deep"), '[1,{"a":[5000000000]},0]');
    await set("shared/tree", { until: signed(5_000_000_000n) });
    assert.equal(await valueAt("shared/tree/until"), "5000000000");
  });

  it("[X70] beyond ±(2^53 − 1) are bad_request, wherever they are", async () => {
    for (const value of [unsigned(2n ** 53n), signed(-(2n ** 53n)), unsigned(2n ** 64n - 1n), signed(-(2n ** 63n))]) {
      for (const given of [value, [1, [value]], { a: value }]) {
        const { status, text } = await set("shared/beyond", given);
        assert.equal(status, 1);
        assert.match(text, /bad_request/);
      }
    }
    assert.equal(await valueAt("shared/beyond"), undefined);
  });

  it("[X70] hold in what is expected, in what is counted, and in batches", async () => {
    await set("shared/n", 1);
    const { seq } = await evening.gm.get<{ seq: number }>("GET", `${evening.path}/state`);
    assert.equal((await set("shared/n", 2, { expect: { "shared/n": signed(BigInt(seq)) } })).status, 0);
    assert.match((await set("shared/n", 3, { expect: { "shared/n": unsigned(BigInt(seq)) } })).text, /conflict/);
    const increment = { path: "shared/n", by: signed(5_000_000_000n) };
    const append = { path: "shared/list", values: [signed(5_000_000_000n)], max: unsigned(3n) };
    const ops = [
      { action: "increment", payload: increment },
      { action: "append", payload: append },
    ];
    assert.equal((await asked("command", { id: "batch", action: "batch", payload: { ops } })).status, 0);
    assert.deepEqual([await valueAt("shared/n"), await valueAt("shared/list")], ["5000000002", "[5000000000]"]);
  });

  it("[X70] hold in the small messages, by request and by a plain send", async () => {
    const gm = await evening.gm.join(evening.sessionId);
    const latency = () => gm.state.connections.get("ana")?.latencyMs;
    assert.equal((await asked("latency", { rttMs: signed(120n) })).status, 0);
    await eventually("120 ms", () => latency() === 120);
    raw.message("latency", packed({ rttMs: unsigned(340n) }));
    await eventually("340 ms", () => latency() === 340);
    for (const rttMs of [signed(-1n), unsigned(60_001n), unsigned(2n ** 63n)]) {
      assert.match((await asked("latency", { rttMs })).text, /bad_request/);
    }
    for (const type of ["command", "activity", "presence", "digest", "authenticate"]) {
      assert.match((await asked(type, signed(5n))).text, /bad_request/, type);
    }
    assert.equal(raw.closeCode, null);
    await gm.leave();
  });

  it("[X70] leave text alone whose bytes look like them", async () => {
    const greek = "Ψυχή, Ϗ and Ӂ";
    assert.equal((await set("shared/greek", { a: greek, n: signed(3n) })).status, 0);
    assert.equal(await valueAt("shared/greek/a"), JSON.stringify(greek));
  });
});
