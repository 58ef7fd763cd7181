import assert from "node:assert/strict";
import { call } from "../support/http.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { Person } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";

const SECRET = "one secret of all processes, long enough";

describe("the monitor on two processes of one MongoDB", function () {
  this.timeout(60_000);
  const mongo = ownMongo();
  const servers: ServerProcess[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.dispose();
  });

  it("[H108] [H109] fifty who show one ticket on each of them get one cookie, which is good on both", async () => {
    const MONGODB_URI = mongo().uri("two-processes");
    const [one, other] = [
      await ServerProcess.start({ env: { MONGODB_URI, AUTH_JWT_SECRET: SECRET } }),
      await ServerProcess.start({ env: { MONGODB_URI, AUTH_JWT_SECRET: SECRET } }),
    ];
    servers.push(one, other);
    const { SignJWT } = await import("jose");
    const token = await new SignJWT({ roles: ["operator"] })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("operator")
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(SECRET));
    const { url } = await new Person(one, "operator", token).get<{ url: string }>("POST", "/api/monitor/tickets");
    const redeem = (server: ServerProcess) => fetch(server.url + url, { redirect: "manual" });
    const tries = Array.from({ length: 50 }, () => [redeem(one), redeem(other)]).flat();
    const cookies = (await Promise.all(tries)).flatMap(({ headers }) => headers.getSetCookie());
    assert.equal(cookies.length, 1);
    const cookie = cookies[0]!.split(";")[0]!;
    for (const server of servers) {
      assert.equal((await call(server.url, "GET", "/monitor/api", { headers: { cookie } })).status, 200);
    }
  });
});
