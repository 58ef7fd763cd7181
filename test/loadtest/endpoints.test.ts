import assert from "node:assert/strict";
import fc from "fast-check";
import { EndpointInUse, type Endpoints, endpointOf, from, webSockets } from "../../loadtest/endpoints.ts";

const some = (count: number) =>
  Array.from({ length: count }, (_, n) => `http://127.0.0.1:${n}`) as unknown as Endpoints;

describe("the endpoints of a load test", () => {
  it("[MP96] the people of a table are spread over all of them, as evenly as it goes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 30 }),
        (count, table, people) => {
          const atTable = from(some(count), table);
          const seated = Array.from({ length: people }, (_, seat) => from(atTable, seat)[0]);
          const each = some(count).map((endpoint) => seated.filter((at) => at === endpoint).length);
          assert.ok(Math.max(...each) - Math.min(...each) <= 1);
        },
      ),
    );
  });

  it("[MP96] everybody has all of them to try, their own first", () => {
    assert.deepEqual(from(["a", "b", "c"], 4), ["b", "c", "a"]);
    assert.equal(endpointOf(["a", "b", "c"], 5), "c");
  });

  it("[MP96] where one does not let a client in, the next is tried, and after the last the first", () => {
    const inUse = new EndpointInUse(["b", "c", "a"]);
    const tried = Array.from({ length: 4 }, () => {
      const { now } = inUse;
      inUse.next();
      return now;
    });
    assert.deepEqual(tried, ["b", "c", "a", "b"]);
  });

  it("[MP96] one endpoint alone is everybody's", () => {
    assert.deepEqual(from(["a"], 7), ["a"]);
    assert.deepEqual(webSockets(["http://a", "https://b"]), ["ws://a", "wss://b"]);
  });
});
