import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { matchMaker } from "@colyseus/core";
import { SignJWT } from "jose";
import { type App, startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config.ts";
import { createLog } from "../../src/ops/log.ts";
import { call } from "../support/http.ts";
import { freePort } from "../support/ports.ts";

const SECRET = "a secret of at least thirty-two bytes";

describe("joins that fail in the framework", function () {
  this.timeout(30_000);
  let app: App;
  let folder: string;
  let url: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "failed-joins-"));
    const config = loadConfig({
      AUTH_JWT_SECRET: SECRET,
      DATA_DIR: folder,
      HOST: "127.0.0.1",
      PORT: String(await freePort()),
    });
    app = await startApp(config, createLog("error", { write: () => {} }), () => {});
    url = `http://127.0.0.1:${app.address.port}`;
  });

  after(async () => {
    await app?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask<T>(userId: string, method: string, path: string, body?: unknown) {
    const signing = new SignJWT().setProtectedHeader({ alg: "HS256" }).setSubject(userId).setExpirationTime("1h");
    const token = await signing.sign(new TextEncoder().encode(SECRET));
    return await call<T>(url, method, path, { token, ...(body === undefined ? {} : { body }) });
  }
  const joining = (userId: string, sessionId: string) =>
    ask<{ code?: number; error?: string; sessionId?: string }>(userId, "POST", "/matchmake/joinOrCreate/session", {
      sessionId,
    });

  it("[X82] give back at once what they have reserved", async () => {
    const campaign = (await ask<{ id: string }>("gm", "POST", "/api/campaigns", { name: "One" })).body.id;
    for (const userId of ["kim", "lee"]) {
      await ask("gm", "PUT", `/api/campaigns/${campaign}/members/${userId}`, { role: "player" });
    }
    const body = { title: "Two chairs", maxParticipants: 1 };
    const sessionId = (await ask<{ id: string }>("gm", "POST", `/api/campaigns/${campaign}/sessions`, body)).body.id;
    const { driver } = matchMaker;
    const findOne = driver.findOne.bind(driver);
    let failures = 0;
    driver.findOne = () => {
      failures += 1;
      throw new Error("the driver is away");
    };
    const failed = await joining("kim", sessionId);
    driver.findOne = findOne;
    assert.equal(failures, 1, "after our part of the join");
    assert.deepEqual([failed.status, failed.body.error], [503, "unavailable"]);
    const lee = await joining("lee", sessionId);
    assert.equal(lee.status, 200, lee.text);
    assert.deepEqual((await joining("kim", sessionId)).body, { code: 409, error: "session_full" });
  });
});
