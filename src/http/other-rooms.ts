import { type NextFunction, type Request, type Response, Router } from "express";
import { z } from "zod";
import type { RoomFigures } from "../live/room-figures.ts";
import { jsonIn, readBytes } from "./body.ts";
import type { HttpDeps } from "./deps.ts";
import { isProblem } from "./problem.ts";

/** What all processes have to know at once. */
export const MESSAGES_PATH = "/internal/messages";
/** A process that drains asks another one to go on with a session. */
export const HANDOVER_PATH = "/internal/handover";
/** How 500 people with long ids are there takes 100 KiB. */
const MOST_HANDOVER_BYTES = 256 * 1024;
const ONLINE_PATH = "/internal/online";
const ROOMS_PATH = "/internal/rooms";
/** Whoever takes longer to say how many are online has nobody to show for now. */
const ONLINE_WITHIN_MS = 1_000;
/** A monitor shows within 2 s that a process does not answer. */
const ROOMS_WITHIN_MS = 1_500;

const SessionIds = z.array(z.string());
const Online = z.record(z.string(), z.int().min(0));
const Rooms = z.array(z.looseObject({ roomId: z.string(), campaignId: z.string() }));

type Deps = Pick<HttpDeps, "running" | "peers" | "rooms" | "takeMessage" | "receiveSession">;

/** What other processes of ours are told of the sessions that run here. To everybody else there is nothing. */
export function toldToPeers(deps: Deps): Router {
  const router = Router();
  router.post(ONLINE_PATH, (request, response, next) =>
    tell(request, response, next, deps, (asked) => {
      const ids = SessionIds.safeParse(asked).data ?? [];
      return Object.fromEntries(ids.map((id) => [id, deps.running.online(id)]).filter(([, online]) => online !== 0));
    }),
  );
  router.post(ROOMS_PATH, (request, response, next) =>
    tell(request, response, next, deps, () => deps.rooms?.list() ?? []),
  );
  router.post(MESSAGES_PATH, (request, response, next) =>
    tell(request, response, next, deps, async (message) => ({ taken: await deps.takeMessage?.(message) })),
  );
  router.post(HANDOVER_PATH, (request, response, next) =>
    tell(
      ...([request, response, next, deps] as const),
      async (handover) => ({ outcome: await deps.receiveSession?.(handover) }),
      MOST_HANDOVER_BYTES,
    ),
  );
  return router;
}

async function tell(
  request: Request,
  response: Response,
  next: NextFunction,
  { peers }: Deps,
  answer: (asked: unknown) => unknown,
  maxBytes?: number,
): Promise<void> {
  const bytes = await readBytes(request, maxBytes);
  if (peers === undefined || isProblem(bytes) || !peers.isFromPeer(request, bytes)) return next();
  const asked = await jsonIn(bytes, request);
  if (isProblem(asked)) return next();
  response.json(await answer(asked.json));
}

/**
 * How many people are online or idle in sessions, whichever processes host them. Those of a process that does not say it in
 * time count as nobody.
 * @param sessionIds of sessions that may run
 */
export async function onlineIn(
  sessionIds: readonly string[],
  { running, peers }: Pick<Deps, "running" | "peers">,
): Promise<(sessionId: string) => number> {
  const elsewhere = sessionIds.filter((sessionId) => running.online(sessionId) === 0);
  if (peers === undefined || elsewhere.length === 0) return (sessionId) => running.online(sessionId);
  const answers = await peers.askAll(ONLINE_PATH, elsewhere, ONLINE_WITHIN_MS);
  const told = new Map<string, number>();
  for (const answer of answers.values()) {
    for (const [sessionId, online] of Object.entries(Online.safeParse(answer).data ?? {})) told.set(sessionId, online);
  }
  return (sessionId) => running.online(sessionId) || (told.get(sessionId) ?? 0);
}

/** The rooms of all other processes, by process; undefined of one that does not answer in time. */
export async function roomsElsewhere({
  peers,
}: Pick<Deps, "peers">): Promise<ReadonlyMap<string, readonly RoomFigures[] | undefined>> {
  const answers = (await peers?.askAll(ROOMS_PATH, [], ROOMS_WITHIN_MS)) ?? new Map<string, unknown>();
  return new Map(
    Array.from(answers, ([processId, answer]) => [
      processId,
      Rooms.safeParse(answer).data as readonly RoomFigures[] | undefined,
    ]),
  );
}
