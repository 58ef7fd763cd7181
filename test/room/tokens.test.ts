import assert from "node:assert/strict";
import { ReconnectionTokens } from "../../src/room/tokens.ts";

const kim = { userId: "kim", seatId: "seat1", client: "phone" };
const lee = { userId: "lee", seatId: "seat9", client: "" };

describe("reconnection tokens", () => {
  it("[C10] are their person's, for that seat, and nobody else's", () => {
    const tokens = new ReconnectionTokens();
    tokens.add("t1", kim);
    tokens.add("t2", lee);
    assert.deepEqual(tokens.ownerOf("t1"), kim);
    assert.deepEqual(tokens.ownerOf("t2"), lee);
    for (const none of ["", "t", "T1", "__proto__", "constructor"]) assert.equal(tokens.ownerOf(none), undefined);
  });

  it("[C10] a connection that continues a seat voids the token it came with", () => {
    const tokens = new ReconnectionTokens();
    tokens.add("t1", kim);
    tokens.add("other", { ...kim, seatId: "seat2" });
    tokens.add("t2", kim);
    assert.equal(tokens.ownerOf("t1"), undefined);
    assert.deepEqual(tokens.ownerOf("t2"), kim);
    assert.equal(tokens.ownerOf("other")?.seatId, "seat2");
  });

  it("[C10] leaving over a seat voids that seat's, the end of the place all of them", () => {
    const tokens = new ReconnectionTokens();
    tokens.add("t1", kim);
    tokens.add("t2", { ...kim, seatId: "seat2" });
    tokens.add("t3", lee);
    tokens.voidSeat("kim", "seat1");
    assert.deepEqual([tokens.ownerOf("t1"), tokens.ownerOf("t2")?.seatId], [undefined, "seat2"]);
    tokens.voidAll("kim");
    assert.deepEqual([tokens.ownerOf("t2"), tokens.ownerOf("t3")], [undefined, lee]);
    tokens.add("t4", kim);
    assert.deepEqual(tokens.ownerOf("t4"), kim);
    tokens.voidSeat("nobody", "seat1");
    tokens.voidAll("nobody");
  });

  it("[C10] the newest 16 of a person are kept, whoever else has how many", () => {
    const tokens = new ReconnectionTokens();
    tokens.add("lee's", lee);
    for (let i = 0; i < 20; i++) tokens.add(`t${i}`, { ...kim, seatId: `seat${i}` });
    for (let i = 0; i < 20; i++) assert.equal(tokens.ownerOf(`t${i}`) !== undefined, i >= 4, `t${i}`);
    assert.deepEqual(tokens.ownerOf("lee's"), lee);
  });
});
