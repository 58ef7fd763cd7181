import { z } from "zod";
import type { Closer, RoomDetail } from "../../live/room-figures.ts";
import { readMembership } from "../access.ts";
import type { HttpDeps } from "../deps.ts";
import { allRooms, type ListedRoom } from "../monitor/all-rooms.ts";
import type { MonitorViewer } from "../monitor/viewer.ts";
import { sees, viewerBy, viewerOf } from "../monitor/viewer.ts";
import { isProblem, notFound, type Problem, problem } from "../problem.ts";
import { type OpenAsking, openRoute, type Route } from "../route.ts";
import { sessionOfRoom } from "../session-asked.ts";

/** What the panel calls to close somebody's connection. Of all that it calls nothing else works here. */
const DISCONNECT = "_forceClientDisconnect";
/** What the panel's list shows of a room: as much as one can read side by side. */
const COLUMNS = [
  "title",
  "campaign",
  "status",
  "online",
  "idle",
  "disconnected",
  "connections",
  "commandsPerSecond",
  "bytesPerSecond",
  "commitMs",
  "elapsedTime",
] as const;
const Json = { description: "As the panel wants it", schema: z.looseObject({}) };

/** A room, for somebody who may see it. */
interface SeenRoom {
  readonly viewer: MonitorViewer;
  readonly roomId: string;
  readonly campaignId: string;
  /** as whom they act in its campaign */
  readonly closer: Closer;
}

/** All rooms, of which the viewer may not see all. */
interface SeenRooms {
  readonly viewer: MonitorViewer;
  readonly all: readonly ListedRoom[];
}

/** What the panel asks for. */
export const monitorData: readonly Route[] = [
  openRoute({
    method: "GET",
    path: "/monitor/api",
    id: "monitorRooms",
    summary: "The figures of all rooms that one may see",
    who: "whoever shows a cookie",
    find: (asking: OpenAsking) => ofOwnPages(asking, findRooms),
    answers: { 200: Json },
    problems: ["unauthenticated", "forbidden"],
    async handle({ deps }, { found: { viewer, all } }) {
      const rooms = all.filter(({ campaignId }) => sees(viewer, campaignId));
      const connections = rooms.reduce((sum, room) => sum + room.connections, 0);
      const { cpu, memory } = viewer.isOperator ? deps.machine() : { cpu: null, memory: null };
      const names = await namesOf(rooms, viewer, deps);
      const shown = rooms.map((room) => shownRoom(room, names));
      return { status: 200, json: { columns: COLUMNS, rooms: shown, connections, cpu, memory } };
    },
  }),
  openRoute({
    method: "GET",
    path: "/monitor/api/room",
    id: "monitorRoom",
    summary: "The figures, sockets and people of one room, and nothing of what is on its table",
    who: "whoever shows a cookie, of a room that they may see",
    session: sessionOfRoom,
    find: (asking: OpenAsking) => ofOwnPages(asking, findRoom),
    answers: { 200: Json },
    problems: ["unauthenticated", "forbidden", "not_found"],
    async handle({ deps }, { found: { roomId, viewer } }) {
      const room = deps.rooms?.find(roomId);
      if (room === undefined) return notFound();
      const names = await namesOf([room], viewer, deps);
      return { status: 200, json: shownRoom(room, names) };
    },
  }),
  openRoute({
    method: "GET",
    path: "/monitor/api/room/call",
    id: "monitorCall",
    summary: `Closes one connection (\`method=${DISCONNECT}\`); everything else that the panel would call is 403`,
    who: "GM of the room's campaign, operator; from the panel's own pages alone",
    session: sessionOfRoom,
    find: (asking: OpenAsking) => ofOwnPages(asking, findRoom),
    query: z.object({ roomId: z.string(), method: z.string(), args: z.string().max(1_024) }),
    answers: { 200: Json },
    problems: ["unauthenticated", "forbidden", "not_found"],
    handle({ deps, request }, { found, query: { method, args } }) {
      const { roomId, closer } = found;
      const refuse = (why: string): Problem => {
        deps.log.warn({ user: closer.userId, session: roomId }, "monitor: a remote call was refused");
        return problem("forbidden", why);
      };
      if (request.headers["sec-fetch-site"] !== "same-origin")
        return refuse("Only the panel itself may call, over https or on this very machine.");
      if (method !== DISCONNECT) return refuse("Here the panel closes connections, and does nothing else.");
      const sessionId = onlyText(args);
      if (sessionId === undefined) return problem("bad_request", "Name one client: `args` is a list of one text.");
      if (request.method === "HEAD") return { status: 200, json: {} };
      if (deps.rooms?.disconnect(roomId, sessionId, closer) !== true) return notFound();
      deps.log.info({ user: closer.userId, session: roomId }, "monitor: a connection was closed");
      return { status: 200, json: {} };
    },
  }),
];

/** A page of another site, or of a sibling of ours, gets nothing, whatever cookie its browser sends along. */
async function ofOwnPages<Found>(
  asking: OpenAsking,
  find: (asking: OpenAsking) => Promise<Found | Problem>,
): Promise<Found | Problem> {
  const site = asking.request.headers["sec-fetch-site"];
  const isForeign = site === "cross-site" || site === "same-site";
  return isForeign ? problem("forbidden", "Only the monitor's own pages may ask.") : await find(asking);
}

/** All rooms there are, for somebody whose rights are read once more when they are known: that may take as long as others take. */
async function findRooms(asking: OpenAsking): Promise<SeenRooms | Problem> {
  const { deps } = asking;
  const viewer = await viewerBy(asking);
  if (isProblem(viewer) || deps.peers === undefined) {
    return isProblem(viewer) ? viewer : { viewer, all: deps.rooms?.list() ?? [] };
  }
  const all = await allRooms(deps);
  const now = await viewerOf(viewer.claims, deps);
  return isProblem(now) ? now : { viewer: now, all };
}

/** A room that somebody may not see is 404, the same as one that does not exist. */
async function findRoom(asking: OpenAsking): Promise<SeenRoom | Problem> {
  const { deps, request } = asking;
  const roomId = typeof request.query.roomId === "string" ? request.query.roomId : "";
  // Before their rights are read: nothing may be awaited after that. A room never changes its campaign.
  const campaignId = deps.rooms?.campaignOf(roomId);
  const viewer = await viewerBy(asking);
  if (isProblem(viewer)) return viewer;
  if (campaignId === undefined || !sees(viewer, campaignId)) return notFound();
  const { userId } = viewer.claims;
  const isGm = viewer.ownCampaigns.has(campaignId);
  const isMember = isGm || (await readMembership(campaignId, userId, deps)).member !== undefined;
  return { viewer, roomId, campaignId, closer: { userId, via: isMember ? "member" : "system" } };
}

/** The names of the campaigns of these rooms, by id: a campaign keeps its name. */
async function namesOf(
  rooms: readonly { readonly campaignId: string }[],
  { ownCampaigns }: MonitorViewer,
  { campaignNames }: Pick<HttpDeps, "campaignNames">,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { campaignId } of rooms) {
    if (names.has(campaignId)) continue;
    names.set(campaignId, ownCampaigns.get(campaignId) ?? (await campaignNames.of(campaignId)));
  }
  return names;
}

function shownRoom<Room extends ListedRoom | RoomDetail>(
  { campaignId, ...room }: Room,
  names: ReadonlyMap<string, string>,
) {
  return { ...room, campaign: names.get(campaignId) ?? campaignId };
}

/** The one text in a JSON list of one. */
function onlyText(args: string): string | undefined {
  try {
    const list: unknown = JSON.parse(args);
    return Array.isArray(list) && list.length === 1 && typeof list[0] === "string" ? list[0] : undefined;
  } catch {
    return undefined;
  }
}
