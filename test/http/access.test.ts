import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { PeerProof } from "../../src/cluster/peer-proof.ts";
import { twoProcesses } from "./behind.ts";
import { Evening } from "./evening.ts";
import { Reading } from "./reading.ts";

/** Who asks; the GM of each campaign is `gm`. */
const PEOPLE = [
  "none",
  "bad",
  "outsider",
  "operator",
  "guest",
  "banned",
  "invitee",
  "spectator",
  "player",
  "gm",
] as const;
type Person = (typeof PEOPLE)[number];

/** What each is answered, in the order of PEOPLE. */
type Row = readonly [method: string, path: string, body: unknown, ...answers: (string | number)[]];

// $C campaign, $S session, $T token of a good invite, $I its id. Told as status, or status and code.
const NO = "401 unauthenticated";
const NOT = "404 not_found";
const DONT = "403 forbidden";
const BAN = "403 banned";
const BAD = "400 bad_request";
const S = "/api/sessions/$S";
const TABLE: readonly Row[] = [
  //                                                   none bad outs oper guest ban  inv  spec play gm
  ["POST", "/api/campaigns", { name: "Mine" }, /*   */ NO, NO, 201, 201, DONT, 201, 201, 201, 201, 201],
  ["GET", "/api/campaigns", undefined, /*           */ NO, NO, 200, 200, DONT, 200, 200, 200, 200, 200],
  ["GET", "/api/campaigns/$C", undefined, /*        */ NO, NO, NOT, NOT, NOT, 200, NOT, 200, 200, 200],
  ["PUT", "/api/campaigns/$C/members/new", { role: "player" }, NO, NO, NOT, NOT, NOT, DONT, NOT, DONT, DONT, 200],
  ["PUT", "/api/campaigns/$C/members/new", { role: "king" }, NO, NO, NOT, NOT, NOT, DONT, NOT, DONT, DONT, BAD],
  [
    "PUT",
    "/api/campaigns/$C/members/gm",
    { role: "player" },
    NO,
    NO,
    NOT,
    NOT,
    NOT,
    DONT,
    NOT,
    DONT,
    DONT,
    "409 last_gm",
  ],
  ["DELETE", "/api/campaigns/$C/members/other", undefined, NO, NO, NOT, NOT, NOT, DONT, NOT, DONT, DONT, 204],
  ["DELETE", "/api/campaigns/$C/members/gm", undefined, NO, NO, NOT, NOT, NOT, DONT, NOT, DONT, DONT, "409 last_gm"],
  ["POST", "/api/campaigns/$C/sessions", { title: "Two" }, NO, NO, NOT, NOT, NOT, DONT, NOT, DONT, DONT, 201],
  ["POST", "/api/campaigns/$C/sessions", {}, /*     */ NO, NO, NOT, NOT, NOT, DONT, NOT, DONT, DONT, BAD],
  ["GET", "/api/campaigns/$C/sessions", undefined, /**/ NO, NO, NOT, NOT, NOT, 200, NOT, 200, 200, 200],
  ["GET", "/api/campaigns/nowhere", undefined, /*   */ NO, NO, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT],
  ["GET", S, undefined, /*                          */ NO, NO, NOT, NOT, 200, BAN, 200, 200, 200, 200],
  ["GET", `${S}/state`, undefined, /*               */ NO, NO, NOT, NOT, 200, BAN, 200, 200, 200, 200],
  ["PATCH", S, { title: "New" }, /*                 */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 200],
  ["PATCH", S, { colour: "red" }, /*                */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, BAD],
  ["POST", `${S}/start`, undefined, /*              */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 200],
  [
    "POST",
    `${S}/pause`,
    { reason: "tea" },
    /*      */ NO,
    NO,
    NOT,
    NOT,
    DONT,
    BAN,
    DONT,
    DONT,
    DONT,
    "409 invalid_transition",
  ],
  ["POST", `${S}/pause`, { reason: 7 }, /*          */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, BAD],
  [
    "POST",
    `${S}/resume`,
    undefined,
    /*             */ NO,
    NO,
    NOT,
    NOT,
    DONT,
    BAN,
    DONT,
    DONT,
    DONT,
    "409 invalid_transition",
  ],
  ["POST", `${S}/terminate`, undefined, /*          */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 200],
  ["POST", `${S}/invites`, undefined, /*            */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 201],
  ["GET", `${S}/invites`, undefined, /*             */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 200],
  ["DELETE", `${S}/invites/$I`, undefined, /*       */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 204],
  ["DELETE", `${S}/invites/none`, undefined, /*     */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, NOT],
  ["GET", "/api/invites/$T", undefined, /*          */ 200, NO, 200, 200, NOT, 200, 200, 200, 200, 200],
  ["GET", "/api/invites/nothing", undefined, /*     */ NOT, NO, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT],
  ["POST", `${S}/participants/player/remove`, undefined, NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 204],
  ["POST", `${S}/participants/gm/remove`, { bogus: 1 }, NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, DONT],
  ["DELETE", `${S}/bans/player`, undefined, /*      */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 204],
  ["POST", `${S}/knocks`, {}, /*                    */ NO, NO, NOT, NOT, 201, BAN, 201, 201, 201, 201],
  ["POST", `${S}/knocks`, { invite: "$T" }, /*      */ NO, NO, 201, 201, 201, BAN, 201, 201, 201, 201],
  ["POST", `${S}/knocks`, { invite: "$T", a: 1 }, /**/ NO, NO, BAD, BAD, BAD, BAN, BAD, BAD, BAD, BAD],
  ["GET", `${S}/knocks`, undefined, /*              */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 200],
  ["GET", `${S}/knocks/mine`, undefined, /*         */ NO, NO, NOT, NOT, NOT, BAN, NOT, NOT, NOT, NOT],
  ["POST", `${S}/knocks/player/admit`, undefined, /**/ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, NOT],
  ["POST", `${S}/knocks/player/deny`, { a: 1 }, /*  */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, BAD],
  ["GET", `${S}/history`, undefined, /*             */ NO, NO, NOT, NOT, DONT, BAN, DONT, 200, 200, 200],
  ["GET", `${S}/events`, undefined, /*              */ NO, NO, NOT, NOT, DONT, BAN, DONT, 200, 200, 200],
  ["GET", `${S}/events/verify`, undefined, /*       */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 200],
  ["GET", `${S}/commands`, undefined, /*            */ NO, NO, NOT, NOT, DONT, BAN, DONT, DONT, DONT, 200],
  ["GET", `${S}/stream`, undefined, /*              */ NO, NO, NOT, NOT, 200, BAN, 200, 200, 200, 200],
  ["GET", `${S}/stream?ticket=none`, undefined, /*  */ NO, NO, NO, NO, NO, NO, NO, NO, NO, NO],
  ["POST", `${S}/stream/tickets`, undefined, /*     */ NO, NO, NOT, NOT, 201, BAN, 201, 201, 201, 201],
  ["POST", `${S}/stream/tickets`, { a: 1 }, /*      */ NO, NO, NOT, NOT, BAD, BAN, BAD, BAD, BAD, BAD],
  ["GET", "/api/sessions/nowhere", undefined, /*    */ NO, NO, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT],
  ["GET", "/monitor/api", undefined, /*             */ ...PEOPLE.map(() => NO)],
  ["POST", "/api/admin/drain", undefined, /*        */ NO, NO, DONT, 202, DONT, DONT, DONT, DONT, DONT, DONT],
  ["GET", "/api/admin/processes", undefined, /*     */ NO, NO, DONT, 200, DONT, DONT, DONT, DONT, DONT, DONT],
  ["POST", "/api/admin/backups", undefined, /*      */ NO, NO, DONT, NOT, DONT, DONT, DONT, DONT, DONT, DONT],
  ["GET", "/api/nothing", undefined, /*             */ NO, NO, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT],
  [
    "PUT",
    "/api/campaigns",
    { name: "x" },
    ...PEOPLE.map((who) => (who === "none" || who === "bad" ? NO : "405 method_not_allowed")),
  ],
  [
    "PATCH",
    `${S}/state`,
    { a: 1 },
    ...PEOPLE.map((who) => (who === "none" || who === "bad" ? NO : "405 method_not_allowed")),
  ],
];

async function tokenOf(
  evening: Evening,
  person: Person,
  sessionId: string,
  inviteId: string,
): Promise<string | undefined> {
  if (person === "none") return undefined;
  if (person === "operator") return await evening.tokenFor("operator", { roles: ["operator"] });
  if (person === "guest") return await evening.tokenFor("guest:1", { guestOf: sessionId, guestInvite: inviteId });
  if (person !== "bad") return await evening.tokenFor(person);
  const exp = Math.floor(evening.clock.now() / 1000) + 60;
  return await new SignJWT({ sub: "gm", exp })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode("another secret than that of this server"));
}

/** A campaign with one of each, fresh: no row may stand on what another one changed. */
async function stage(evening: Evening) {
  const campaignId = await evening.campaign({
    player: "player",
    other: "player",
    spectator: "spectator",
    banned: "player",
  });
  const sessionId = await evening.session(campaignId);
  const invite = await evening.invite(sessionId, { maxUses: 5 });
  const theirs = await evening.invite(sessionId, { maxUses: 5 });
  await evening.join(sessionId, "invitee", theirs.token);
  await evening.join(sessionId, "guest:1", theirs.token);
  await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/banned/remove`, { ban: true });
  const fill = (path: string) =>
    path.replace("$C", campaignId).replace("$S", sessionId).replace("$T", invite.token).replace("$I", invite.id);
  return { sessionId, fill, theirs };
}

/** By way of a process that hosts nothing, everybody is answered the same. */
for (const asked of ["its host", "another process"] as const) {
  describe(`who may know and do what, asked at ${asked}`, () => {
    let evening: Evening;
    let end: () => void;
    before(async () => {
      if (asked === "its host") {
        evening = await Evening.begin();
        end = () => evening.end();
      } else {
        const two = await twoProcesses();
        evening = two.host;
        evening.url = two.edge.url;
        // What processes say to each other, made up by clients.
        const stranger = new PeerProof("another secret", "p2", two.edge.url, evening.clock);
        const client = { address: "192.0.2.66", host: "evil.example", isSecure: true };
        evening.headers = {
          "x-process-forwarded": stranger.forwarded("p1", 0, "GET", "/", client),
          "X-Process-Asking": stranger.asking("p1", 0, "/internal/rooms", Buffer.of()),
          "X-Process-Proof": "a.b",
          "X-PROCESS-CHALLENGE": stranger.challenge({
            processId: "p1",
            internalUrl: two.host.url,
            publicAddress: null,
          }),
        };
        end = () => two.end();
      }
    });
    after(() => end());

    for (const [method, path, body, ...answers] of TABLE) {
      const sent = body === undefined ? "" : ` ${JSON.stringify(body)}`;
      it(`[H10] [MP35] ${method} ${path}${sent}`, async () => {
        assert.equal(answers.length, PEOPLE.length);
        const { sessionId, fill, theirs } = await stage(evening);
        for (const [i, person] of PEOPLE.entries()) {
          const token = await tokenOf(evening, person, sessionId, theirs.id);
          const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
          if (path.endsWith("/stream") && answers[i] === 200) {
            // It has no end to wait for.
            const reading = await Reading.open(evening, sessionId, token === undefined ? {} : { token });
            reading.close();
            assert.equal(reading.status, 200, person);
            continue;
          }
          const answer = await evening.ask<{ code?: string; status?: number }>(null, method, fill(path), {
            headers,
            ...(body === undefined ? {} : { body: JSON.parse(fill(JSON.stringify(body))) }),
          });
          const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json") === true;
          assert.equal(isProblem ? `${answer.status} ${answer.body.code}` : answer.status, answers[i], person);
          assert.equal(isProblem, answer.status >= 400, person);
        }
      });
    }

    it("[H1] tells what is wrong first in one order, whatever else is wrong as well", async () => {
      const { sessionId } = await stage(evening);
      const path = `/api/sessions/${sessionId}`;
      const bad = { body: { maxParticipants: "many" } };
      const told = async (userId: string | null, method: string, at: string, asked: { body: object } = bad) => {
        const { status, body } = await evening.ask(userId, method, at, asked);
        return `${status} ${body.code}`;
      };
      assert.equal(await told(null, "PUT", "/api/sessions/nowhere"), NO, "the token before the method");
      assert.equal(await told("outsider", "PUT", path), "405 method_not_allowed", "the method before existence");
      assert.equal(await told("outsider", "PATCH", path), NOT, "existence before right and body");
      assert.equal(await told("player", "PATCH", path), DONT, "right before body");
      await evening.get("gm", "POST", `${path}/terminate`);
      assert.equal(await told("gm", "PATCH", path), BAD, "the body before the state");
      assert.equal(await told("gm", "PATCH", path, { body: { maxParticipants: 6 } }), "409 session_ended");
    });

    it("[H143] what the path names within is looked for once the right is known, and before body and query", async () => {
      const { sessionId, theirs, fill } = await stage(evening);
      const told = async (userId: string, path: string, body?: object) => {
        const answer = await evening.ask(userId, "DELETE", fill(path), body === undefined ? {} : { body });
        return answer.status === 204 ? 204 : `${answer.status} ${answer.body.code}`;
      };
      const invite = (id: string) => `/api/sessions/${sessionId}/invites/${id}?disconnect=perhaps`;
      assert.equal(await told("player", invite("none")), DONT);
      assert.equal(await told("player", invite(theirs.id)), DONT);
      assert.equal(await told("gm", invite("none")), NOT);
      assert.equal(await told("gm", invite(theirs.id)), BAD);
      const member = (userId: string) => `/api/campaigns/$C/members/${userId}`;
      assert.equal(await told("player", member("nobody"), { soon: true }), DONT);
      assert.equal(await told("gm", member("nobody"), { soon: true }), NOT);
      assert.equal(await told("gm", member("player"), { soon: true }), BAD);
      assert.equal(await told("gm", member("player")), 204);
      assert.equal(await told("gm", member("player")), NOT);
    });

    it("[H11] a session is 404 alike where it is not and where one may not know", async () => {
      const { sessionId } = await stage(evening);
      const [hidden, absent] = [sessionId, "nowhere"].map((id) =>
        evening.ask("outsider", "GET", `/api/sessions/${id}`),
      );
      assert.equal((await hidden!).text, (await absent!).text);
    });

    it("[H11] who came by an invite is nobody once it is revoked", async () => {
      const { sessionId, theirs } = await stage(evening);
      assert.equal((await evening.ask("invitee", "GET", `/api/sessions/${sessionId}`)).status, 200);
      await evening.get("gm", "DELETE", `/api/sessions/${sessionId}/invites/${theirs.id}`);
      assert.equal((await evening.ask("invitee", "GET", `/api/sessions/${sessionId}`)).status, 404);
    });

    it("[H12] a banned former invitee gets 403, a banned stranger 404; unbanned, they are back", async () => {
      const { sessionId } = await stage(evening);
      for (const userId of ["invitee", "stranger"]) {
        await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/${userId}/remove`, { ban: true });
      }
      const invitee = await evening.ask("invitee", "GET", `/api/sessions/${sessionId}/state`);
      assert.equal(`${invitee.status} ${invitee.body.code}`, BAN);
      assert.equal((await evening.ask("stranger", "GET", `/api/sessions/${sessionId}`)).status, 404);
      await evening.get("gm", "DELETE", `/api/sessions/${sessionId}/bans/invitee`);
      assert.equal((await evening.ask("invitee", "GET", `/api/sessions/${sessionId}`)).status, 200);
    });

    it("[H12] somebody banned who is made GM is taken for a GM", async () => {
      const { sessionId, fill } = await stage(evening);
      assert.equal((await evening.ask("banned", "GET", `/api/sessions/${sessionId}`)).status, 403);
      await evening.get("gm", "PUT", fill("/api/campaigns/$C/members/banned"), { role: "gm" });
      assert.equal((await evening.ask("banned", "GET", `/api/sessions/${sessionId}`)).status, 200);
    });
  });
}
