import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadDotEnv, parseDotEnv } from "../src/dot-env.ts";
import { assertRefused } from "./support/refused-start.ts";
import { ServerProcess } from "./support/server.ts";
import { runTool } from "./support/tool.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NAMES = ["AUTH_JWT_SECRET", "PORT"];
const parse = (text: string, encoding: "utf8" | "utf16le" = "utf8") => parseDotEnv(Buffer.from(text, encoding), NAMES);
const bad = (bytes: Uint8Array | string, message: RegExp) =>
  assert.throws(
    () => parseDotEnv(Buffer.from(bytes), NAMES),
    (error: Error) => {
      assert.ok(error instanceof BadDotEnv);
      assert.match(error.message, /^\.env: /);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("s3cret"), error.message);
      return true;
    },
  );

describe(".env", () => {
  it("[T20] a byte order mark is dropped, lines may end as they do anywhere, and quotes and comments are as usual", () => {
    for (const text of [
      "\ufeffAUTH_JWT_SECRET=s3cret\nPORT=1",
      "AUTH_JWT_SECRET=s3cret\r\nPORT=1\r\n",
      "AUTH_JWT_SECRET=s3cret\rPORT=1\r",
      "\ufeff# AUTH_JWT_SECRET=other\n export AUTH_JWT_SECRET = 's3cret' # mine\nPORT=\"1\"",
    ]) {
      const { AUTH_JWT_SECRET, PORT } = parse(text);
      assert.deepEqual({ AUTH_JWT_SECRET, PORT }, { AUTH_JWT_SECRET: "s3cret", PORT: "1" }, JSON.stringify(text));
    }
    assert.deepEqual({ ...parse("\ufeff") }, {});
  });

  it("[T20] what is not UTF-8, or holds a NUL, is no .env", () => {
    const text = "AUTH_JWT_SECRET=s3cret";
    bad(Buffer.from(`\ufeff${text}`, "utf16le"), /UTF-8/);
    bad(Buffer.from(`\ufeff${text}`, "utf16le").swap16(), /UTF-8/);
    bad(Buffer.from(text, "utf16le"), /UTF-8/);
    bad(Buffer.from(text, "utf16le").swap16(), /UTF-8/);
    bad(Buffer.from(`${text}\xfc`, "latin1"), /UTF-8/);
    bad(`${text}\nPORT=1\0`, /NUL/);
    bad(Buffer.concat([Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(text)]), /UTF-8/);
  });

  it("[T20] a line that names a variable and does not set it is told, for it may be what keeps a door shut", () => {
    for (const line of [
      "AUTH_JWT_SECRET: s3cret",
      "AUTH_JWT_SECRET",
      "AUTH_JWT_SECRET s3cret",
      "set AUTH_JWT_SECRET=s3cret",
      "$env:AUTH_JWT_SECRET=s3cret",
      "\u200bAUTH_JWT_SECRET=s3cret",
      "PORT=1\n\ufeffAUTH_JWT_SECRET=s3cret",
      "\u00a0AUTH_JWT_SECRET=s3cret",
    ]) {
      bad(line, /AUTH_JWT_SECRET is not set/);
    }
    assert.equal(parse("MY_PORT: 1\n# PORT: 2\nNOTE=PORT is 3").PORT, undefined);
  });

  describe("of a server and the commands", function () {
    this.timeout(60_000);
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "dot-env-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));
    const write = (text: string, encoding: BufferEncoding = "utf8") =>
      writeFileSync(join(folder, ".env"), Buffer.from(text, encoding));

    it("[T20] dev login stays shut where the secret stands behind a byte order mark", async () => {
      write(`\ufeffAUTH_JWT_SECRET=${SECRET}`);
      const server = await ServerProcess.start({ devLogin: true, cwd: folder });
      try {
        assert.equal((await fetch(`${server.url}/dev/token`, { method: "POST" })).status, 404);
      } finally {
        await server.dispose();
      }
    });

    it("[T20] what cannot be read is a start error that names the file", async () => {
      write(`\ufeffAUTH_JWT_SECRET=${SECRET}`, "utf16le");
      const start = await ServerProcess.refusedStart({ devLogin: true, cwd: folder });
      assertRefused(start, /\.env: it is not UTF-8/);
    });

    it("[T20] is read unless NODE_ENV is production or test; what the environment sets to nothing hides nothing", async () => {
      write(`PORT=port\nAUTH_JWT_SECRET=${SECRET}`);
      const tokenWith = (env: Record<string, string>) => runTool("token", ["--user", "kim"], { cwd: folder, env });
      for (const env of [{}, { NODE_ENV: "development" }, { PORT: " " }]) {
        const { code, stderr } = await tokenWith(env);
        assert.equal(code, 1);
        assert.match(stderr, /PORT: must be a whole number/);
      }
      for (const NODE_ENV of ["production", "test", " production "]) {
        assert.equal((await tokenWith({ NODE_ENV, AUTH_JWT_SECRET: SECRET })).code, 0, NODE_ENV);
      }
      write(`AUTH_JWT_SECRET=${SECRET}\nDATA_DIR=${join(folder, "never")}`);
      const { stdout } = await tokenWith({ AUTH_JWT_SECRET: "" });
      assert.equal(stdout.split(".").length, 3);
      assert.ok(!existsSync(join(folder, "never")), "no secret of dev login was made");
    });

    it("[T20] every command refuses what the server refuses", async () => {
      write(`\ufeffAUTH_JWT_SECRET=${SECRET}`, "utf16le");
      for (const [name, args] of [
        ["token", ["--user", "kim"]],
        ["doctor", []],
        ["export", ["KMAzVb1eQQqY1rnA"]],
        ["import", ["x.campaign.jsonl"]],
      ] as const) {
        const { code, stderr } = await runTool(name, args, { cwd: folder, env: {} });
        assert.equal(code, name === "doctor" ? 2 : 1, name);
        assert.match(stderr, /\.env: it is not UTF-8/, name);
        assert.ok(!/\n +at /.test(stderr), stderr);
      }
    });
  });
});
