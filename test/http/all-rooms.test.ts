import assert from "node:assert/strict";
import type { HttpDeps } from "../../src/http/deps.ts";
import { allRooms } from "../../src/http/monitor/all-rooms.ts";
import { onlineIn } from "../../src/http/other-rooms.ts";
import { Evening } from "./evening.ts";

describe("what other processes say of their rooms", () => {
  let evening: Evening;
  let sessionId: string;
  let campaignId: string;
  before(async () => {
    evening = await Evening.begin();
    campaignId = await evening.campaign();
    sessionId = await evening.session(campaignId, { title: "Lost" });
  });
  after(() => evening.end());

  const room = { roomId: "there", campaignId: "c", title: "There", status: "live", processId: "p3" };
  const depsWith = (answers: ReadonlyMap<string, unknown>) =>
    ({
      stores: evening.stores,
      running: evening.hosting,
      peers: { askAll: async () => answers, isFromPeer: () => false },
    }) as unknown as HttpDeps;

  it("[MP47] rooms of a process that does not answer are listed by its leases, and hide no other", async () => {
    await evening.stores.leases.claim({ sessionId, processId: "p2", epoch: 9 });
    await evening.stores.leases.claim({ sessionId: "no such session", processId: "p2", epoch: 9 });
    for (const silent of [undefined, "nonsense", [{ no: "room" }]]) {
      const rooms = await allRooms(
        depsWith(
          new Map<string, unknown>([
            ["p2", silent],
            ["p3", [room]],
          ]),
        ),
      );
      assert.deepEqual(
        rooms.map(({ roomId, status, processId, title }) => [roomId, status, processId, title]),
        [
          [sessionId, "no answer", "p2", "Lost"],
          ["there", "live", "p3", "There"],
        ],
      );
      assert.equal(rooms[0]!.campaignId, campaignId);
    }
  });

  it("[MP46] who does not say how many are online, or says nonsense, counts as nobody", async () => {
    const online = await onlineIn(
      ["a", "b", "c"],
      depsWith(
        new Map<string, unknown>([
          ["p2", undefined],
          ["p3", { a: 2 }],
          ["p4", { b: -1 }],
          ["p5", "nonsense"],
        ]),
      ),
    );
    assert.deepEqual(["a", "b", "c"].map(online), [2, 0, 0]);
  });
});
