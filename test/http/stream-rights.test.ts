import assert from "node:assert/strict";
import fc from "fast-check";
import { canRead } from "../../src/core/paths.ts";
import type { Role } from "../../src/core/session.ts";
import { Evening } from "./evening.ts";
import { Reading } from "./reading.ts";

const PATHS = [
  "shared/a",
  "shared/b/c",
  "gm/a",
  "gm/b/c",
  "private/ann/a",
  "private/sam/a",
  "players/ann/a",
  "table/a",
];
const aPath = fc.constantFrom(...PATHS);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ what: fc.constant("set" as const), path: aPath }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("delete" as const), path: aPath }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("move" as const), from: aPath, to: aPath }) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant("role" as const),
      role: fc.constantFrom<Role[]>("gm", "player", "spectator"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("pass" as const), ms: fc.constantFrom(1, 19, 60) }) },
);

describe("what a stream shows, whatever happens", () => {
  let evening: Evening;
  before(async () => {
    evening = await Evening.begin();
  });
  after(() => evening.end());

  it("[H37] [H39] is what `state` tells that person in the end, and on the way nothing that they might not see", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, hasPlace) => {
        const campaignId = await evening.campaign({ ann: "player" });
        const sessionId = await evening.session(campaignId);
        await evening.join(sessionId, "gm");
        if (hasPlace) await evening.join(sessionId, "ann");
        const { committed } = await evening.hosting.open(sessionId);
        const reading = await Reading.open(evening, sessionId, { token: await evening.tokenFor("ann") });
        let role: Role = "player";
        /** values and paths (with the number of their command) that ann might see at some time */
        const mightSee = new Set<string>();
        const look = () => {
          for (const [path, { value }] of committed.entries) {
            if (canRead(path, { userId: "ann", role })) mightSee.add(`${path} ${value}`);
          }
        };
        let values = 0;
        for (const one of steps) {
          if (one.what === "pass") evening.clock.pass(one.ms);
          else if (one.what === "role") {
            role = one.role;
            await evening.get("gm", "PUT", `/api/campaigns/${campaignId}/members/ann`, { role });
          } else {
            const { what, ...payload } = one;
            const value = what === "set" ? { value: `v${++values}` } : {};
            // A move from nothing or into itself is refused, and that is a step like any other.
            await evening.command(sessionId, "gm", what, { ...payload, ...value }).catch(() => undefined);
          }
          look();
        }
        evening.clock.pass(60);
        await reading.until("all of it", () => reading.seq === committed.seq);
        const { entries, hidden } = await evening.get("ann", "GET", `/api/sessions/${sessionId}/state`);
        // What a demotion took away may be on its way still.
        const expected = { ...entries, ...hidden };
        await reading.until("the same", () => reading.entries().size === Object.keys(expected).length);
        assert.deepEqual(Object.fromEntries(reading.entries()), expected);
        for (const { data } of reading.events) {
          for (const [path, { value }] of Object.entries<{ value: string }>(data.set ?? data.entries ?? {})) {
            assert.ok(mightSee.has(`${path} ${value}`), `${path} ${value}`);
          }
        }
        reading.close();
      }),
      { numRuns: 40 },
    );
  }).timeout(20_000);
});
