/**
 * An evening as former programs stored it, in the formats 0 and 1 of records and snapshots (docs/decisions/0008-stored-formats.md).
 * Nothing here is made by today's code, and nothing is ever changed: such data exist.
 */
export const SESSION = "evening-1";

/** The index in `content`, `text`, `sha256` and `crc32`. */
export type Format = 0 | 1;

export interface FormerRecord {
  readonly pos: number;
  readonly id: string;
  readonly epoch: number;
  readonly at: number;
  readonly kind: string;
  readonly content: readonly [string, string];
  readonly audit: string | null;
  readonly traces: string | null;
  /** of the first and last audit event, of the first and last command */
  readonly numbers: readonly [number | null, number | null, number | null, number | null];
  /** as the first program that had checksums wrote it */
  readonly crc32: readonly [number, number];
}

export const RECORDS: readonly FormerRecord[] = [
  {
    pos: 1,
    id: "record-1",
    epoch: 0,
    at: 1700000060000,
    kind: "created",
    content: [
      '{"content":{"kind":"created","campaignId":"campaign","title":"The Sunless Citadel","settings":{"reconnectWindow":60,"idleAfter":300},"createdBy":"gm"}}',
      '{"v":1,"content":{"kind":"created","campaignId":"campaign","title":"The Sunless Citadel","maxParticipants":8,"settings":{"reconnectWindow":60,"idleAfter":300,"snapshotEvery":30,"activityTimeout":5,"autoPauseWhenNoGm":0,"connectionsPerParticipant":3},"createdBy":"gm"}}',
    ],
    audit:
      '[{"n":1,"at":"2023-11-14T22:14:20.000Z","kind":"session.created","actor":{"userId":"gm","via":"member"},"data":{"title":"The Sunless Citadel","maxParticipants":8},"prev":"0000000000000000000000000000000000000000000000000000000000000000","hash":"b06e16713616b28036ccbc59738223c2884b281ac82b4ba7074262a055a72868"}]',
    traces: null,
    numbers: [1, 1, null, null],
    crc32: [484458277, 2746034780],
  },
  {
    pos: 2,
    id: "record-2",
    epoch: 1,
    at: 1700000120000,
    kind: "opened",
    content: [
      '{"content":{"kind":"opened","process":"former-life"}}',
      '{"v":1,"content":{"kind":"opened","process":"former-life"}}',
    ],
    audit: null,
    traces: null,
    numbers: [null, null, null, null],
    crc32: [2289633181, 315034678],
  },
  {
    pos: 3,
    id: "record-3",
    epoch: 1,
    at: 1700000180000,
    kind: "status",
    content: [
      '{"content":{"kind":"status","status":"live","by":"gm"}}',
      '{"v":1,"content":{"kind":"status","status":"live","by":"gm","reason":""}}',
    ],
    audit:
      '[{"n":2,"at":"2023-11-14T22:16:20.000Z","kind":"session.started","actor":{"userId":"gm","via":"member"},"data":{},"prev":"b06e16713616b28036ccbc59738223c2884b281ac82b4ba7074262a055a72868","hash":"e8597cb584ba895f1ddb3ea7de37656b31ed49b719a337507a9d0c86fbe5ddd4"}]',
    traces: null,
    numbers: [2, 2, null, null],
    crc32: [1230309918, 1527393180],
  },
  {
    pos: 4,
    id: "record-4",
    epoch: 1,
    at: 1700000240000,
    kind: "invite",
    content: [
      '{"content":{"kind":"invite","change":{"what":"created","invite":{"id":"invite-1","expiresAt":4000000000000,"createdAt":1700000240000,"createdBy":"gm","tokenHash":"e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f"}}}}',
      '{"v":1,"content":{"kind":"invite","change":{"what":"created","invite":{"id":"invite-1","role":"player","label":null,"maxUses":1,"uses":0,"expiresAt":4000000000000,"revokedAt":null,"createdAt":1700000240000,"createdBy":"gm","tokenHash":"e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f"}}}}',
    ],
    audit:
      '[{"n":3,"at":"2023-11-14T22:17:20.000Z","kind":"invite.created","actor":{"userId":"gm","via":"member"},"data":{"inviteId":"invite-1"},"prev":"e8597cb584ba895f1ddb3ea7de37656b31ed49b719a337507a9d0c86fbe5ddd4","hash":"52aa3af79bf591cbccf45ac5bf0f6186491e6891aa37adff7cf2b101828593d7"}]',
    traces: null,
    numbers: [3, 3, null, null],
    crc32: [1722561880, 643892894],
  },
  {
    pos: 5,
    id: "record-5",
    epoch: 1,
    at: 1700000300000,
    kind: "place",
    content: [
      '{"content":{"kind":"place","change":{"what":"joined","place":{"userId":"kim","name":"Kim","role":"player","via":"member","joinedAt":1700000300000}}},"sockets":{"kim":1}}',
      '{"v":1,"content":{"kind":"place","change":{"what":"joined","place":{"userId":"kim","name":"Kim","role":"player","via":"member","joinedAt":1700000300000},"inviteId":null}},"sockets":{"kim":1}}',
    ],
    audit:
      '[{"n":4,"at":"2023-11-14T22:18:20.000Z","kind":"participant.joined","actor":{"userId":"kim","via":"member"},"data":{"role":"player"},"prev":"52aa3af79bf591cbccf45ac5bf0f6186491e6891aa37adff7cf2b101828593d7","hash":"3e64f63eb6ee48fbc5f299ec63d93d0b154472fd612f343323ee09483cfc46b6"}]',
    traces: null,
    numbers: [4, 4, null, null],
    crc32: [3291925125, 959046887],
  },
  {
    pos: 6,
    id: "record-6",
    epoch: 1,
    at: 1700000360000,
    kind: "place",
    content: [
      '{"content":{"kind":"place","change":{"what":"joined","place":{"userId":"lee","name":"Lee","role":"player","via":"invite:invite-1","joinedAt":1700000360000},"inviteId":"invite-1"}},"sockets":{"lee":1}}',
      '{"v":1,"content":{"kind":"place","change":{"what":"joined","place":{"userId":"lee","name":"Lee","role":"player","via":"invite:invite-1","joinedAt":1700000360000},"inviteId":"invite-1"}},"sockets":{"lee":1}}',
    ],
    audit:
      '[{"n":5,"at":"2023-11-14T22:19:20.000Z","kind":"participant.joined","actor":{"userId":"lee","via":"invite:invite-1"},"data":{"role":"player"},"prev":"3e64f63eb6ee48fbc5f299ec63d93d0b154472fd612f343323ee09483cfc46b6","hash":"637ce52ae7ce6d0eb3c8d18ee0fafde4d3cab685b5246f64dc343260672b5e1e"}]',
    traces: null,
    numbers: [5, 5, null, null],
    crc32: [670706088, 218442957],
  },
  {
    pos: 7,
    id: "record-7",
    epoch: 1,
    at: 1700000420000,
    kind: "commands",
    content: [
      '{"content":{"kind":"commands","commands":[{"seq":1,"at":1700000420000,"userId":"kim","id":"k1","action":"set","changes":[["shared/gold","12"]]},{"seq":2,"at":1700000420000,"userId":"lee","id":"l1","action":"increment","changes":[["shared/gold","15"]],"result":"15"}]}}',
      '{"v":1,"content":{"kind":"commands","commands":[{"seq":1,"at":1700000420000,"userId":"kim","id":"k1","action":"set","changes":[["shared/gold","12"]]},{"seq":2,"at":1700000420000,"userId":"lee","id":"l1","action":"increment","changes":[["shared/gold","15"]],"result":"15"}]}}',
    ],
    audit: null,
    traces:
      '[{"seq":1,"at":1700000420000,"userId":"kim","action":"set"},{"seq":2,"at":1700000420000,"userId":"lee","action":"increment"}]',
    numbers: [null, null, 1, 2],
    crc32: [3165378027, 3182735990],
  },
  {
    pos: 8,
    id: "record-8",
    epoch: 1,
    at: 1700000480000,
    kind: "commands",
    content: [
      String.raw`{"content":{"kind":"commands","commands":[{"seq":3,"at":1700000480000,"userId":"gm","id":"g1","action":"set","changes":[["gm/plot","\"the dragon is a bard 🐉\""]]}]}}`,
      String.raw`{"v":1,"content":{"kind":"commands","commands":[{"seq":3,"at":1700000480000,"userId":"gm","id":"g1","action":"set","changes":[["gm/plot","\"the dragon is a bard 🐉\""]]}]}}`,
    ],
    audit: null,
    traces: '[{"seq":3,"at":1700000480000,"userId":"gm","action":"set"}]',
    numbers: [null, null, 3, 3],
    crc32: [3280958951, 4209130164],
  },
  {
    pos: 9,
    id: "record-9",
    epoch: 1,
    at: 1700000540000,
    kind: "place",
    content: [
      '{"content":{"kind":"place","change":{"what":"removed","userId":"lee"}}}',
      '{"v":1,"content":{"kind":"place","change":{"what":"removed","userId":"lee","ban":false}}}',
    ],
    audit:
      '[{"n":6,"at":"2023-11-14T22:22:20.000Z","kind":"participant.removed","actor":{"userId":"gm","via":"member"},"data":{"userId":"lee","reason":""},"prev":"637ce52ae7ce6d0eb3c8d18ee0fafde4d3cab685b5246f64dc343260672b5e1e","hash":"175e55fefb214e685b8bcb5fa97795b0b0bc32973be73505a7b42f9c98ec5a31"}]',
    traces: null,
    numbers: [6, 6, null, null],
    crc32: [508333948, 176110237],
  },
  {
    pos: 10,
    id: "record-10",
    epoch: 1,
    at: 1700000600000,
    kind: "settings",
    content: [
      '{"content":{"kind":"settings","title":"The Sunless Citadel, level 2"}}',
      '{"v":1,"content":{"kind":"settings","title":"The Sunless Citadel, level 2"}}',
    ],
    audit:
      '[{"n":7,"at":"2023-11-14T22:23:20.000Z","kind":"session.updated","actor":{"userId":"gm","via":"member"},"data":{"title":"The Sunless Citadel, level 2"},"prev":"175e55fefb214e685b8bcb5fa97795b0b0bc32973be73505a7b42f9c98ec5a31","hash":"c41ee656b6dd20f5def88565a6be89a297cb2453969eba4fe89002e9e28cadad"}]',
    traces: null,
    numbers: [7, 7, null, null],
    crc32: [2967761663, 2806767941],
  },
  {
    pos: 11,
    id: "record-11",
    epoch: 1,
    at: 1700000660000,
    kind: "commands",
    content: [
      '{"content":{"kind":"commands","commands":[{"seq":4,"at":1700000660000,"userId":"kim","id":"k2","action":"delete","changes":[["shared/gold",null]]}]}}',
      '{"v":1,"content":{"kind":"commands","commands":[{"seq":4,"at":1700000660000,"userId":"kim","id":"k2","action":"delete","changes":[["shared/gold",null]]}]}}',
    ],
    audit: null,
    traces: '[{"seq":4,"at":1700000660000,"userId":"kim","action":"delete"}]',
    numbers: [null, null, 4, 4],
    crc32: [721557654, 3572932327],
  },
  {
    pos: 12,
    id: "record-12",
    epoch: 1,
    at: 1700000720000,
    kind: "status",
    content: [
      '{"content":{"kind":"status","status":"paused","by":"gm"}}',
      '{"v":1,"content":{"kind":"status","status":"paused","by":"gm","reason":""}}',
    ],
    audit:
      '[{"n":8,"at":"2023-11-14T22:25:20.000Z","kind":"session.paused","actor":{"userId":"gm","via":"member"},"data":{"reason":""},"prev":"c41ee656b6dd20f5def88565a6be89a297cb2453969eba4fe89002e9e28cadad","hash":"aa2858948d59e1fae45ff82274285c2bc6cdf53597d73d5163a772b6b9bdb1ac"}]',
    traces: null,
    numbers: [8, 8, null, null],
    crc32: [2937704494, 2402890389],
  },
];

export interface FormerSnapshot {
  readonly pos: number;
  readonly text: readonly [string, string];
  readonly sha256: readonly [string, string];
}

/** Older, newer. */
export const SNAPSHOTS: readonly [FormerSnapshot, FormerSnapshot] = [
  {
    pos: 7,
    text: [
      '{"sessionId":"evening-1","campaignId":"campaign","title":"The Sunless Citadel","status":"live","statusSince":1700000180000,"statusBy":"gm","settings":{"reconnectWindow":60,"idleAfter":300},"createdBy":"gm","createdAt":1700000060000,"startedAt":1700000180000,"endedAt":null,"pos":7,"epoch":1,"process":"former-life","seq":2,"lastAt":1700000420000,"auditCount":5,"auditHead":"637ce52ae7ce6d0eb3c8d18ee0fafde4d3cab685b5246f64dc343260672b5e1e","liveMs":0,"pausedMs":0,"entries":[["shared/gold",2,"lee","15"]],"answers":[["kim","k1",1],["lee","l1",2,"15"]],"places":[{"userId":"kim","name":"Kim","role":"player","via":"member","joinedAt":1700000300000},{"userId":"lee","name":"Lee","role":"player","via":"invite:invite-1","joinedAt":1700000360000}],"invites":[{"id":"invite-1","uses":1,"expiresAt":4000000000000,"createdAt":1700000240000,"createdBy":"gm","tokenHash":"e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f"}],"invitees":[["lee",{"inviteId":"invite-1","role":"player","used":["invite-1"]}]],"banned":[],"attendance":[["kim",{"name":"Kim","role":"player","via":"member","reconnects":0,"droppedAt":0,"lastSeenAt":1700000300000,"onlineMs":0,"onlineSince":1700000300000,"connections":1,"firstJoinedAt":1700000300000}],["lee",{"name":"Lee","role":"player","via":"invite:invite-1","reconnects":0,"droppedAt":0,"lastSeenAt":1700000360000,"onlineMs":0,"onlineSince":1700000360000,"connections":1,"firstJoinedAt":1700000360000}]]}',
      '{"format":1,"sessionId":"evening-1","campaignId":"campaign","title":"The Sunless Citadel","status":"live","statusSince":1700000180000,"statusBy":"gm","statusReason":"","maxParticipants":8,"settings":{"reconnectWindow":60,"idleAfter":300,"snapshotEvery":30,"activityTimeout":5,"autoPauseWhenNoGm":0,"connectionsPerParticipant":3},"createdBy":"gm","createdAt":1700000060000,"startedAt":1700000180000,"endedAt":null,"pos":7,"epoch":1,"process":"former-life","seq":2,"lastAt":1700000420000,"auditCount":5,"auditHead":"637ce52ae7ce6d0eb3c8d18ee0fafde4d3cab685b5246f64dc343260672b5e1e","liveMs":0,"pausedMs":0,"entries":[["shared/gold",2,"lee","15"]],"answers":[["kim","k1",1],["lee","l1",2,"15"]],"places":[{"userId":"kim","name":"Kim","role":"player","via":"member","joinedAt":1700000300000},{"userId":"lee","name":"Lee","role":"player","via":"invite:invite-1","joinedAt":1700000360000}],"invites":[{"id":"invite-1","role":"player","label":null,"maxUses":1,"uses":1,"expiresAt":4000000000000,"revokedAt":null,"createdAt":1700000240000,"createdBy":"gm","tokenHash":"e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f"}],"invitees":[["lee",{"inviteId":"invite-1","role":"player","used":["invite-1"]}]],"banned":[],"attendance":[["kim",{"name":"Kim","role":"player","via":"member","reconnects":0,"droppedAt":0,"lastSeenAt":1700000300000,"onlineMs":0,"onlineSince":1700000300000,"connections":1,"firstJoinedAt":1700000300000}],["lee",{"name":"Lee","role":"player","via":"invite:invite-1","reconnects":0,"droppedAt":0,"lastSeenAt":1700000360000,"onlineMs":0,"onlineSince":1700000360000,"connections":1,"firstJoinedAt":1700000360000}]]}',
    ],
    sha256: [
      "5dd207f1a312ab2b5184754618ad13447e8d770089817f41e45f71aac04388ca",
      "20a9e917c8cd267ba7b829a44735cc0857c7addbdd0df2b29a73bd4f78c195aa",
    ],
  },
  {
    pos: 10,
    text: [
      String.raw`{"sessionId":"evening-1","campaignId":"campaign","title":"The Sunless Citadel, level 2","status":"live","statusSince":1700000180000,"statusBy":"gm","settings":{"reconnectWindow":60,"idleAfter":300},"createdBy":"gm","createdAt":1700000060000,"startedAt":1700000180000,"endedAt":null,"pos":10,"epoch":1,"process":"former-life","seq":3,"lastAt":1700000600000,"auditCount":7,"auditHead":"c41ee656b6dd20f5def88565a6be89a297cb2453969eba4fe89002e9e28cadad","liveMs":0,"pausedMs":0,"entries":[["gm/plot",3,"gm","\"the dragon is a bard 🐉\""],["shared/gold",2,"lee","15"]],"answers":[["kim","k1",1],["lee","l1",2,"15"],["gm","g1",3]],"places":[{"userId":"kim","name":"Kim","role":"player","via":"member","joinedAt":1700000300000}],"invites":[{"id":"invite-1","uses":1,"expiresAt":4000000000000,"createdAt":1700000240000,"createdBy":"gm","tokenHash":"e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f"}],"invitees":[["lee",{"inviteId":"invite-1","role":"player","used":["invite-1"]}]],"banned":[],"attendance":[["kim",{"name":"Kim","role":"player","via":"member","reconnects":0,"droppedAt":0,"lastSeenAt":1700000300000,"onlineMs":0,"onlineSince":1700000300000,"connections":1,"firstJoinedAt":1700000300000}],["lee",{"name":"Lee","role":"player","via":"invite:invite-1","reconnects":0,"droppedAt":0,"lastSeenAt":1700000540000,"onlineMs":180000,"onlineSince":null,"connections":1,"firstJoinedAt":1700000360000}]]}`,
      String.raw`{"format":1,"sessionId":"evening-1","campaignId":"campaign","title":"The Sunless Citadel, level 2","status":"live","statusSince":1700000180000,"statusBy":"gm","statusReason":"","maxParticipants":8,"settings":{"reconnectWindow":60,"idleAfter":300,"snapshotEvery":30,"activityTimeout":5,"autoPauseWhenNoGm":0,"connectionsPerParticipant":3},"createdBy":"gm","createdAt":1700000060000,"startedAt":1700000180000,"endedAt":null,"pos":10,"epoch":1,"process":"former-life","seq":3,"lastAt":1700000600000,"auditCount":7,"auditHead":"c41ee656b6dd20f5def88565a6be89a297cb2453969eba4fe89002e9e28cadad","liveMs":0,"pausedMs":0,"entries":[["gm/plot",3,"gm","\"the dragon is a bard 🐉\""],["shared/gold",2,"lee","15"]],"answers":[["kim","k1",1],["lee","l1",2,"15"],["gm","g1",3]],"places":[{"userId":"kim","name":"Kim","role":"player","via":"member","joinedAt":1700000300000}],"invites":[{"id":"invite-1","role":"player","label":null,"maxUses":1,"uses":1,"expiresAt":4000000000000,"revokedAt":null,"createdAt":1700000240000,"createdBy":"gm","tokenHash":"e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f"}],"invitees":[["lee",{"inviteId":"invite-1","role":"player","used":["invite-1"]}]],"banned":[],"attendance":[["kim",{"name":"Kim","role":"player","via":"member","reconnects":0,"droppedAt":0,"lastSeenAt":1700000300000,"onlineMs":0,"onlineSince":1700000300000,"connections":1,"firstJoinedAt":1700000300000}],["lee",{"name":"Lee","role":"player","via":"invite:invite-1","reconnects":0,"droppedAt":0,"lastSeenAt":1700000540000,"onlineMs":180000,"onlineSince":null,"connections":1,"firstJoinedAt":1700000360000}]]}`,
    ],
    sha256: [
      "396711860e85081d7e970b48a9fdf19beec8173d42f0099e14496a94457b0b39",
      "51f15c687541133da5323cbc2da4b97597ff1b09f30217c0a04e0bead7dbe080",
    ],
  },
];

/** SHA-256 of the token of its invite. */
export const TOKEN_HASH = "e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f";

/** What it comes to, as today's snapshot says it, field by field. */
export const OUTCOME: { readonly [field: string]: unknown } = {
  sessionId: "evening-1",
  campaignId: "campaign",
  title: "The Sunless Citadel, level 2",
  status: "paused",
  statusSince: 1700000720000,
  statusBy: "gm",
  statusReason: "",
  maxParticipants: 8,
  settings: {
    reconnectWindow: 60,
    idleAfter: 300,
    snapshotEvery: 30,
    activityTimeout: 5,
    autoPauseWhenNoGm: 0,
    connectionsPerParticipant: 3,
    admission: "open",
  },
  createdBy: "gm",
  createdAt: 1700000060000,
  startedAt: 1700000180000,
  endedAt: null,
  pos: 12,
  epoch: 1,
  process: "former-life",
  seq: 4,
  lastAt: 1700000720000,
  auditCount: 8,
  auditHead: "aa2858948d59e1fae45ff82274285c2bc6cdf53597d73d5163a772b6b9bdb1ac",
  liveMs: 540000,
  pausedMs: 0,
  entries: [["gm/plot", 3, "gm", '"the dragon is a bard 🐉"']],
  answers: [
    ["kim", "k1", 1],
    ["lee", "l1", 2, "15"],
    ["gm", "g1", 3],
    ["kim", "k2", 4],
  ],
  places: [
    {
      userId: "kim",
      name: "Kim",
      role: "player",
      via: "member",
      joinedAt: 1700000300000,
    },
  ],
  invites: [
    {
      id: "invite-1",
      role: "player",
      label: null,
      maxUses: 1,
      uses: 1,
      expiresAt: 4000000000000,
      revokedAt: null,
      // what today's format adds: former programs counted no removals
      removalsBefore: 0,
      createdAt: 1700000240000,
      createdBy: "gm",
      tokenHash: "e7f8d0055a8cefadb6d431408cb76ed326889d786d4b48f7b7cf2d46dba49b7f",
    },
  ],
  invitees: [
    [
      "lee",
      {
        inviteId: "invite-1",
        role: "player",
        used: ["invite-1"],
      },
    ],
  ],
  banned: [],
  attendance: [
    [
      "kim",
      {
        name: "Kim",
        role: "player",
        via: "member",
        reconnects: 0,
        droppedAt: 0,
        lastSeenAt: 1700000300000,
        onlineMs: 0,
        onlineSince: 1700000300000,
        connections: 1,
        firstJoinedAt: 1700000300000,
      },
    ],
    [
      "lee",
      {
        name: "Lee",
        role: "player",
        via: "invite:invite-1",
        reconnects: 0,
        droppedAt: 0,
        lastSeenAt: 1700000540000,
        onlineMs: 180000,
        onlineSince: null,
        connections: 1,
        firstJoinedAt: 1700000360000,
      },
    ],
  ],
};
