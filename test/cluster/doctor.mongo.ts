import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { Evening } from "../support/evening.ts";
import { Fleet } from "../support/fleet.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person } from "../support/people.ts";
import { runTool } from "../support/tool.ts";

describe("doctor beside several processes", function () {
  this.timeout(60_000);
  let fleet: Fleet;
  after(() => fleet?.dispose());
  const mongo = ownMongo();

  it("[MP19] finds nothing wrong with a store that they write to, one of them being killed meanwhile", async () => {
    fleet = await Fleet.start(mongo(), { count: 2 });
    const [one, two] = fleet.servers;
    const tables = await Promise.all(
      [0, 1, 2, 3].map(async (n) => {
        const evening = await Evening.prepare(fleet.servers[n % 2]!, { gm: `gm-${n}` });
        return { evening, seat: await new Person(two!, evening.gm.userId, evening.gm.token).join(evening.sessionId) };
      }),
    );
    let isPlaying = true;
    const playing = tables.map(async ({ seat }) => {
      for (let n = 1; isPlaying && seat.closing === null; n++) {
        await seat.attempt({ id: `c${n}`, action: "set", payload: { path: `shared/${n % 9}`, value: n } }, 1_000);
      }
    });
    const examine = async (when: string) => {
      const { code, stdout, stderr } = await runTool("doctor", [], { cwd: tmpdir(), env: { MONGODB_URI: fleet.uri } });
      assert.equal(code, 0, `${when}:\n${stdout}${stderr}`);
    };
    await examine("while two play");
    await one!.kill();
    await examine("while one is dead");
    isPlaying = false;
    await Promise.all(playing);
  });
});
