import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readSnapshot, SNAPSHOT_FORMAT, writeSnapshot } from "../../src/core/snapshot.ts";
import { SessionState } from "../../src/core/state.ts";
import { WrittenLog } from "../support/written-log.ts";

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function eveningOf(): WrittenLog {
  const log = WrittenLog.begun();
  log.opened("p1");
  log.invited("i1", { maxUses: 3, label: "Für alle 🎲" });
  log.joined("__proto__", { inviteId: "i1" });
  log.after(1).write({ kind: "status", status: "live", by: "gm", reason: "" }, [{ kind: "session.started", by: "gm" }]);
  log.command("__proto__", [["shared/__proto__", '{"a":1}']], { result: "1" });
  log.command("kim", [["gm/constructor", '"é"']]);
  log.write({ kind: "place", change: { what: "removed", userId: "mo", ban: true } }, [], { sockets: { kim: 1 } });
  log.after(9).write({ kind: "status", status: "paused", by: "gm", reason: "Pizza" });
  return log;
}

describe("a snapshot", () => {
  it("[N1] has every field and container of the state", () => {
    const { state } = eveningOf();
    const { text, sha256: sum } = writeSnapshot(state);
    const read = readSnapshot(text, sum);
    for (const [field, value] of Object.entries(state)) {
      if (field === "entries" || field === "answers") continue; // opaque: below
      assert.deepEqual(read[field as keyof SessionState], value, field);
    }
    assert.deepEqual(new Map(read.entries), new Map(state.entries));
    assert.equal(read.entries.bytes, state.entries.bytes);
    assert.deepEqual(read.answers.toJSON(), state.answers.toJSON());
    assert.deepEqual(read.answers.get("__proto__", "id1"), { seq: 1, result: "1" });
  });

  it("[N1] a plain field that is added to the state is in it", () => {
    const fields = Object.entries(new SessionState("s1")).filter(([, value]) => !isContainer(value));
    const written = JSON.parse(writeSnapshot(new SessionState("s1")).text) as object;
    for (const [field] of fields) assert.ok(field in written, field);
  });

  it("[N2] is the same text for the same state, whatever the order in which entries came", () => {
    const one = WrittenLog.begun();
    one.command("kim", [
      ["shared/a", "1"],
      ["shared/b", "2"],
    ]);
    const other = WrittenLog.begun();
    other.command("kim", [
      ["shared/b", "2"],
      ["shared/a", "1"],
    ]);
    assert.equal(writeSnapshot(one.state).text, writeSnapshot(other.state).text);
  });

  it("[N3] has the SHA-256 of its UTF-8 text, and is refused with any other", () => {
    const { text, sha256: sum } = writeSnapshot(eveningOf().state);
    assert.equal(sum, sha256(text));
    assert.throws(() => readSnapshot(text.replace("Pizza", "Pasta"), sum), /checksum/);
    assert.throws(() => readSnapshot(text.slice(0, -1), sum), /checksum/);
  });

  it("[N3] of another format is refused, and so is what is none", () => {
    const { text } = writeSnapshot(eveningOf().state);
    const future = text.replace(`"format":${SNAPSHOT_FORMAT}`, `"format":${SNAPSHOT_FORMAT + 1}`);
    assert.throws(
      () => readSnapshot(future, sha256(future)),
      new RegExp(`snapshot format ${SNAPSHOT_FORMAT + 1} is unknown`),
    );
    assert.throws(() => readSnapshot("null", sha256("null")), /snapshot format undefined is unknown/);
  });
});

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) !== Object.prototype;
}
