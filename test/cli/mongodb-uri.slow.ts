import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { runTool } from "../support/tool.ts";

/** Hosts with ports, of which the driver's own parser alone knows that they are a URI. Nobody listens there. */
const SEVERAL_HOSTS = "mongodb://127.0.0.1:9,127.0.0.1:10/x?replicaSet=rs0";

describe("commands, with a list of MongoDB's hosts", function () {
  this.timeout(30_000);
  const options = {
    cwd: tmpdir(),
    env: { MONGODB_URI: SEVERAL_HOSTS, AUTH_JWT_SECRET: "0123456789abcdef0123456789abcdef" },
  };

  it("[T22] one that needs no database runs, one that does says that it is not there", async () => {
    const token = await runTool("token", ["--user", "kim"], options);
    assert.deepEqual([token.code, token.stderr], [0, ""]);
    assert.equal(token.stdout.trim().split(".").length, 3);
    for (const [tool, args] of [
      ["doctor", []],
      ["export", ["a-campaign"]],
    ] as const) {
      const { code, stderr } = await runTool(tool, [...args], options);
      assert.notEqual(code, 0, tool);
      assert.match(stderr, /^MONGODB_URI: /, tool);
      assert.ok(!stderr.includes("must be"), stderr);
      assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
  });
});
