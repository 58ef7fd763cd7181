import assert from "node:assert/strict";
import { Seats } from "../../src/room/seats.ts";

const LATER = 1_000;

function admitted(userId: string, tokenBefore?: string) {
  const plain = { userId, reservationId: "r", client: "phone", name: null, bearer: "hash", expiresAt: LATER };
  return tokenBefore === undefined ? plain : { ...plain, tokenBefore };
}

/** What `allowReconnection` gives: a promise that can be rejected from outside. */
function heldSeat() {
  let reject!: (reason: Error) => void;
  const promise = new Promise<never>((_resolve, no) => {
    reject = no;
  });
  let isRejected = false;
  promise.catch(() => {
    isRejected = true;
  });
  return { held: Object.assign(promise, { reject }) as never, isRejected: () => isRejected };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("the seats of a room", () => {
  it("[C10] a token is its person's, for that seat, and nobody else's", () => {
    const seats = new Seats();
    seats.take("seat1", "t1", admitted("kim"));
    seats.take("seat9", "t9", admitted("lee"));
    assert.equal(seats.find("t1", "kim")?.id, "seat1");
    assert.equal(seats.find("t1", "lee"), undefined);
    for (const none of ["", "t", "T1", "__proto__", "constructor"]) assert.equal(seats.find(none, "kim"), undefined);
  });

  it("[C10] the next token of a seat voids the one before as soon as the client has acknowledged it", () => {
    const seats = new Seats();
    seats.take("seat1", "t1", admitted("kim"));
    seats.take("seat1", "t2", admitted("kim", "t1"));
    assert.deepEqual([seats.find("t1", "kim")?.token, seats.find("t2", "kim")?.token], ["t2", "t2"]);
    seats.acknowledged("seat1");
    assert.equal(seats.find("t1", "kim"), undefined);
    assert.equal(seats.find("t2", "kim")?.id, "seat1");
  });

  it("[C10] giving a seat up, or the end of the place, voids the tokens and lets the framework go of the seat", async () => {
    const seats = new Seats();
    const [one, two] = [heldSeat(), heldSeat()];
    const seat = seats.take("seat1", "t1", admitted("kim"));
    seats.hold(seat, one.held);
    seats.hold(seats.take("seat2", "t2", admitted("kim")), two.held);
    seats.take("seat3", "t3", admitted("lee"));
    assert.equal(seats.held, 2);
    seats.drop(seat);
    await settled();
    assert.deepEqual([one.isRejected(), two.isRejected(), seats.held], [true, false, 1]);
    assert.equal(seats.find("t1", "kim"), undefined);
    seats.dropAll("kim");
    await settled();
    assert.deepEqual([two.isRejected(), seats.held], [true, 0]);
    assert.deepEqual([seats.find("t2", "kim"), seats.find("t3", "lee")?.id], [undefined, "seat3"]);
    seats.dropAll("nobody");
  });

  it("[C10] a seat that the framework does not hold, or no longer, keeps its token", async () => {
    const seats = new Seats();
    const seat = seats.take("seat1", "t1", admitted("kim"));
    seats.hold(seat, Promise.reject(new Error("not joined")) as never);
    await settled();
    assert.deepEqual([seat.held, seats.find("t1", "kim")], [undefined, seat]);
    const { held } = heldSeat();
    seats.hold(seat, held);
    (held as { reject(reason: Error): void }).reject(new Error("the room is disposed"));
    await settled();
    assert.deepEqual([seat.held, seats.find("t1", "kim")], [undefined, seat]);
  });

  it("[C10] the newest 16 seats of a person are kept, whatever others have", () => {
    const seats = new Seats();
    seats.take("lee's", "lee", admitted("lee"));
    for (let i = 0; i < 20; i++) seats.take(`seat${i}`, `t${i}`, admitted("kim"));
    for (let i = 0; i < 20; i++) assert.equal(seats.find(`t${i}`, "kim") !== undefined, i >= 4, `t${i}`);
    assert.equal(seats.find("lee", "lee")?.id, "lee's");
  });
});
