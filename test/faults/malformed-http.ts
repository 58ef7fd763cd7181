import type { Random } from "../support/random.ts";

/** What hostile requests are aimed at: things of the attackers' own. */
export interface Aim {
  readonly token: string;
  readonly campaignId: string;
  readonly sessionId: string;
  readonly roomId: string;
}

const ROUTES = [
  ["POST", "/api/campaigns"],
  ["GET", "/api/campaigns"],
  ["GET", "/api/campaigns/:c"],
  ["PUT", "/api/campaigns/:c/members/nobody"],
  ["DELETE", "/api/campaigns/:c/members/nobody"],
  ["POST", "/api/campaigns/:c/sessions"],
  ["GET", "/api/campaigns/:c/sessions"],
  ["PATCH", "/api/sessions/:s"],
  ["GET", "/api/sessions/:s/state"],
  ["POST", "/api/sessions/:s/invites"],
  ["GET", "/api/sessions/:s/history"],
  ["GET", "/api/sessions/:s/events"],
  ["GET", "/api/sessions/:s/commands"],
  ["POST", "/api/sessions/:s/pause"],
  ["POST", "/api/sessions/:s/participants/nobody/remove"],
  ["DELETE", "/api/sessions/:s/bans/nobody"],
  ["GET", "/api/invites/:s"],
  ["POST", "/api/invites/:s/guest"],
  ["POST", "/api/sessions/:s/stream/tickets"],
  ["POST", "/api/admin/drain"],
  ["GET", "/metrics"],
  ["GET", "/monitor"],
  ["GET", "/healthz"],
  ["PROPFIND", "/api/campaigns"],
  ["OPTIONS", "/api/campaigns"],
  ["TRACE", "/"],
] as const;

const ODD_SEGMENTS = [
  "%E0%A4%A",
  "%",
  "%zz",
  "%00",
  "%2e%2e",
  "..%2f..",
  "__proto__",
  "constructor",
  "%F0%9F%92%A9",
  "%ED%A0%80",
  ";",
  "a%0d%0aX:1",
  "*",
  "~",
  "x".repeat(300),
];
const ODD_QUERIES = [
  "",
  "?",
  "?limit=-1",
  "?limit=1e3",
  "?limit=0x10",
  "?limit=1&limit=2",
  "?limit[]=1",
  "?cursor=%E0%A4",
  "?after=NaN",
  "?after=99999999999999999999",
  "?status=__proto__",
  "?limit=%00",
  "?ticket=x",
  `?cursor=${"y".repeat(2_000)}`,
  "?a[b][c][d]=1",
  "?&&&=&==",
];
const ODD_TYPES = [
  "application/json",
  "application/json",
  "application/json; charset=utf-16",
  "text/plain",
  "application/json;;;",
  "multipart/form-data",
  "APPLICATION/JSON",
];
const BODY_FIELDS = [
  "name",
  "title",
  "role",
  "settings",
  "maxParticipants",
  "maxUses",
  "expiresInSeconds",
  "label",
  "reason",
  "ban",
  "continueFrom",
  "sessionId",
  "invite",
  "client",
  "__proto__",
  "constructor",
];

/** A request that is HTTP, and otherwise anything. Never one that streams, upgrades, or that the server must answer by closing. */
export function oddRequest(random: Random, aim: Aim): string {
  const [method, pattern] = random.pick(ROUTES);
  let path: string = pattern.replace(":c", aim.campaignId).replace(":s", aim.sessionId);
  if (random.between(1, 3) === 1) path = mutatedPath(random, path);
  if (path.endsWith("/stream")) path += "/x";
  const body = method === "GET" || method === "TRACE" ? "" : oddBody(random);
  return requestText(random, method, path + random.pick(ODD_QUERIES), aim, body);
}

/** Matchmaking with options of any shape. */
export function oddJoin(random: Random, aim: Aim): string {
  const method = random.pick([
    "joinOrCreate",
    "joinOrCreate",
    "joinOrCreate",
    "reconnect",
    "create",
    "join",
    "__proto__",
    "constructor",
  ]);
  const name =
    method === "reconnect"
      ? random.pick([aim.roomId, "nowhere", "__proto__"])
      : random.pick(["session", "session", "constructor", "%E0%A4%A"]);
  return requestText(random, "POST", `/matchmake/${method}/${name}`, aim, oddOptions(random));
}

function oddOptions(random: Random): string {
  const sessionId = random.pick([
    '"nowhere"',
    "5",
    "null",
    '{"$ne":null}',
    '["a"]',
    '""',
    '"__proto__"',
    '"\\ud800"',
    `"${"x".repeat(500)}"`,
  ]);
  if (random.between(1, 3) === 1) return oddBody(random);
  return `{"sessionId":${sessionId},"invite":${oddValue(random, 2)},"client":${oddValue(random, 2)},"reconnectionToken":${oddValue(random, 1)},"__proto__":${oddValue(random, 1)}}`;
}

function requestText(random: Random, method: string, target: string, { token }: Aim, body: string): string {
  const bearer = random.pick([
    token,
    token,
    token,
    token,
    token,
    `${token}x`,
    "x.y.z",
    "e30.e30.",
    "",
    token.slice(0, -9),
  ]);
  const bytes = Buffer.byteLength(body);
  const more = bytes === 0 ? "" : `Content-Type: ${random.pick(ODD_TYPES)}\r\nContent-Length: ${bytes}\r\n`;
  return `${method} ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bearer}\r\n${more}\r\n${body}`;
}

/** A request line, headers or framing that are no HTTP, or an upgrade that is none: one connection each. */
export function brokenPacket(random: Random, { roomId, token }: Aim): Buffer {
  const upgrade = [
    "Connection: Upgrade",
    random.pick(["Upgrade: websocket", "Upgrade: h2c", "Upgrade: websocket, x", "Upgrade:"]),
    random.pick(["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: x", "X: y"]),
    random.pick(["Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 99", "Sec-WebSocket-Version: \u0001"]),
    random.pick(['Sec-WebSocket-Extensions: permessage-deflate; x="', "Origin: null", "Sec-WebSocket-Protocol: ,,,"]),
  ].join("\r\n");
  const seat = random.pick(["__proto__", "constructor", "guess", "", "%E0%A4%A", "x".repeat(3_000)]);
  const target = random.pick([
    `/x/${roomId}?sessionId=${seat}`,
    `/x/${roomId}?sessionId=${seat}&reconnectionToken=${random.pick(["toString", "", "%", "a:b:c"])}`,
    `/x/${roomId}?sessionId=${seat}&reconnectionToken=x&_authToken=${random.pick([token, "x.y.z", "%00", ""])}`,
    `/x/${random.pick(["__proto__", "constructor", "%2e%2e", "%E0%A4%A", ""])}?sessionId=${seat}&skipHandshake=1`,
    "*:99999999",
    "//:99999999",
    "http://[::bad",
    `/${"a".repeat(random.between(1, 20_000))}`,
    "/\u0001\u007f",
    "/?sessionId[]=1&sessionId=2&reconnectionToken=3",
    "",
    "ws://x:-1/",
  ]);
  switch (random.between(1, 6)) {
    case 1:
      return Buffer.from(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    case 2: {
      const bytes = Buffer.from(`POST /api/campaigns HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n`);
      for (let i = 0; i < 3; i++) bytes[random.between(0, bytes.length - 1)] = random.between(0, 255);
      return bytes;
    }
    case 3: {
      const framing = random.pick([
        "Content-Length: -1",
        "Content-Length: 99999999999999999999",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Transfer-Encoding: x",
        "Expect: 200-ok",
        "Transfer-Encoding: chunked",
      ]);
      return Buffer.from(
        `POST /matchmake/joinOrCreate/session HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nConnection: close\r\n${framing}\r\n\r\nzz\r\n{}`,
      );
    }
    case 4:
      return Buffer.from(Array.from({ length: random.between(1, 80) }, () => random.between(0, 255)));
    default:
      return Buffer.from(
        `GET ${target} HTTP/1.1\r\nHost: ${random.pick(["x", "[", "a b", ""])}\r\n${upgrade}\r\n\r\n`,
        "latin1",
      );
  }
}

/** JSON text that is wrong in itself, or only not what anybody asked for. */
function oddBody(random: Random): string {
  const body = `{${Array.from({ length: random.between(0, 5) }, () => `"${random.pick(BODY_FIELDS)}":${oddValue(random, 3)}`).join(",")}}`;
  switch (random.between(1, 8)) {
    case 1:
      return body.slice(0, random.between(1, body.length));
    case 2: {
      const depth = 2 ** random.between(2, 12);
      return `{"name":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    }
    case 3:
      return oddValue(random, 3);
    case 4: {
      const at = random.between(0, body.length - 1);
      return body.slice(0, at) + random.pick(["\u0000", "}", "\\", '"', "\u2028", "NaN", "é"]) + body.slice(at + 1);
    }
    default:
      return body;
  }
}

function oddValue(random: Random, depth: number): string {
  const simple = [
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "-0",
    "1e-7",
    "99999999999999999999",
    "0.1",
    '""',
    '"player"',
    '"\\ud800"',
    '"\\u0000"',
    '"__proto__"',
    `"${"n".repeat(101)}"`,
    '"2030-01-01"',
  ];
  if (depth === 0 || random.between(1, 3) > 1) return random.pick(simple);
  const items = Array.from({ length: random.between(0, 3) }, () => oddValue(random, depth - 1));
  if (random.next() < 0.5) return `[${items.join(",")}]`;
  return `{${items.map((item) => `"${random.pick(BODY_FIELDS)}":${item}`).join(",")}}`;
}

function mutatedPath(random: Random, path: string): string {
  const segments = path.split("/");
  const at = random.between(1, segments.length - 1);
  segments[at] = random.pick(ODD_SEGMENTS);
  if (random.between(1, 4) === 1) segments.splice(at, 0, "");
  return segments.join("/");
}
