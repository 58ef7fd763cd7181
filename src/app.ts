import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { matchMaker } from "@colyseus/core";
import { loadActions } from "./actions-module.ts";
import { builtPages } from "./built-pages.ts";
import { ListedRooms } from "./cluster/listed-rooms.ts";
import type { Config } from "./config.ts";
import { ProcessWork } from "./core/work-budget.ts";
import { DEMO_ACTIONS, demoCampaign } from "./demo-campaign.ts";
import { createHttpServer } from "./http/http-server.ts";
import { Origins } from "./http/origins.ts";
import { namesItsHost, Proxies } from "./http/proxies.ts";
import { buildHttp } from "./http/server.ts";
import { Site } from "./http/site.ts";
import { createIdentity } from "./identity/identity.ts";
import { boundedRefusals } from "./identity/refusals.ts";
import { DuePauses } from "./live/due-pauses.ts";
import { Hosting } from "./live/hosting.ts";
import { Learning } from "./live/learning.ts";
import { Retention } from "./live/retention.ts";
import { RESTORES_AT_ONCE, Turns } from "./live/turns.ts";
import type { ManyProcesses } from "./many-processes.ts";
import { openStores } from "./open-stores.ts";
import { factsInto } from "./ops/fact-log.ts";
import { faultOf, type Logger } from "./ops/log.ts";
import { Metrics } from "./ops/metrics.ts";
import { systemChance as chance, systemClock as clock } from "./ops/time.ts";
import type { StoredDataDamaged } from "./ports/failures.ts";
import { Door } from "./room/door.ts";
import { quietFramework } from "./room/framework-log.ts";
import { matchmaking } from "./room/matchmaking.ts";
import { Rooms } from "./room/monitored-rooms.ts";
import { ROOM_NAME, RoomOpener } from "./room/opener.ts";
import { Reconnections } from "./room/reconnections.ts";
import { SessionRoom, socketsOf } from "./room/session-room.ts";
import { GuardedTransport } from "./room/transport.ts";
import { upgradeCheck } from "./room/upgrade-check.ts";
import { ownVersion } from "./version.ts";

/** Of the time for stopping, so much is kept for saving what could not be handed over. */
const SAVED_WITHIN_MS = 5_000;
/** Between two patches of a room under load. Measured: docs/performance.md. */
const PATCH_FLOOR_MS = 4;

export interface App {
  /** where it listens */
  readonly address: AddressInfo;
  /** Refuses new joins, saves, tells clients (4010), lets go of everything. Once; later calls get the same promise. */
  stop(): Promise<void>;
}

/** Puts the whole together and listens. @throws where the configuration cannot be met: the message says how */
export async function startApp(config: Config, log: Logger, onDrain: () => void): Promise<App> {
  const actions = await loadActions(config.actionsModule ?? (config.auth.devLogin ? DEMO_ACTIONS : null));
  const pages = await builtPages((what) => log.warn(what));
  const stores = await openStores(config, {
    onVanished: (problem) => log.error({ problem }, "data files gone or replaced"),
  });
  const identity = createIdentity(config, clock, {
    tokenRefused: boundedRefusals(clock, (refusal, leftOut) =>
      log.info(leftOut === 0 ? refusal : { ...refusal, leftOut }, "token refused"),
    ),
    keysUnavailable: (reason) => log.warn({ reason }, "the key set of AUTH_JWKS_URL cannot be had"),
  });

  quietFramework(log);
  const driver = new ListedRooms();
  // Its own look for processes that do not answer on its channels, which are not connected, and take their listings away.
  if (config.redisUrl !== null) matchMaker.setHealthChecksEnabled(false);
  await matchMaker.setup(
    undefined,
    config.redisUrl === null ? undefined : driver,
    config.publicAddress ?? undefined,
    async () => matchMaker.processId,
  );
  const logDamage = (problem: StoredDataDamaged): void =>
    log.error({ problem: problem.message }, "stored data damaged");
  const metrics = new Metrics({ sessions: () => hosting.sessions, bytesSent: () => transport.bytesSent });
  const restores = new Turns(RESTORES_AT_ONCE);
  const { processId } = matchMaker;
  // Loaded where it is used: Redis' client alone would make each start a tenth longer.
  const manyProcesses = config.redisUrl === null ? undefined : (await import("./many-processes.ts")).manyProcesses;
  const many: ManyProcesses | undefined = await manyProcesses?.(config, {
    stores,
    clock,
    processId,
    hosting: () => hosting,
    isDraining: () => draining(),
    log,
    metrics,
    driver,
    proxies: () => proxies,
  });
  let connections = () => 0;
  const hosting = new Hosting({
    stores,
    restores,
    actions,
    clock,
    chance,
    processId,
    self: {
      internalUrl: config.internalUrl,
      publicAddress: config.publicAddress,
      version: ownVersion(),
      connections: () => connections(),
    },
    ...many?.forHosting,
    commandsPerSecond: config.rates.commandsPerSecond,
    work: new ProcessWork(config.rates.workPerSecond),
    meter: metrics,
    facts: factsInto(log),
    onFault: (action, cause) => log.error({ action, ...faultOf(cause) }, "action threw"),
    onDamaged: logDamage,
    onOpened: ({ sessionId, committed }, ms) => {
      metrics.restored(ms);
      log.info({ session: sessionId, epoch: committed.epoch, ms: Math.round(ms) }, "opened");
    },
    onClosed: (session, why) => {
      log.info({ session: session.sessionId, why }, "closed");
      duePauses.closed(session);
    },
    onBroken: (session, error) => log.error({ session, ...faultOf(error) }, "session broke, to be opened again"),
    onSnapshotFailed: (session, error) => log.warn({ session, ...faultOf(error) }, "snapshot failed"),
  });
  await hosting.start();
  await many?.cluster.start();
  many?.messages.start();
  const duePauses = new DuePauses({
    stores,
    hosting,
    clock,
    processId,
    ...many?.forHosting,
    onFailed: (error, session) => log.warn({ session, ...faultOf(error) }, "auto-pause failed, to be tried again"),
  });
  const learning = new Learning({
    stores,
    clock,
    learn: (session) => hosting.learn(session),
    onFailed: (error, session) => log.warn({ session, ...faultOf(error) }, "who may come in could not be noted"),
  });
  const retention = new Retention({
    stores,
    restores,
    clock,
    chance,
    processId,
    ...many?.forHosting,
    isHere: (sessionId) => hosting.isHere(sessionId),
    days: config.retentionDays,
    onForgotten: (session) => {
      metrics.contentForgotten();
      log.info({ session }, "content forgotten");
    },
    onFailed: (error, session) => log.warn({ session, ...faultOf(error) }, "forgetting failed, to be tried again"),
    onDamaged: logDamage,
  });

  const asking = many?.asking;
  const { forwarding, peers, passThrough } = asking ?? {};
  const proxies = new Proxies(config.trustProxy, forwarding && ((request) => forwarding.clientOf(request)));
  const origins = new Origins(config, proxies);
  const door = new Door({
    identity,
    hosting,
    stores,
    clock,
    rates: config.rates,
    socketsOf,
    draining: () => draining(),
  });
  const opener = new RoomOpener();
  const reconnections = new Reconnections({ door, opener, clock, chance });
  SessionRoom.deps = {
    door,
    opener,
    clock,
    chance,
    log,
    meter: metrics,
    patchFloorMs: PATCH_FLOOR_MS,
    isDraining: (process) => many?.cluster.processes.isDraining(process) ?? false,
  };
  matchMaker.defineRoomType(ROOM_NAME, SessionRoom).filterBy(["sessionId"]);
  await matchMaker.accept();

  let stopping: Promise<void> | undefined;
  const draining = (): boolean => stopping !== undefined;
  const demo = config.auth.devLogin ? await demoCampaign(stores, hosting, clock) : undefined;
  const http = buildHttp({
    config,
    stores,
    running: hosting,
    identity,
    clock,
    chance,
    processId,
    log,
    draining,
    drain: onDrain,
    metrics: () => metrics.text(),
    processes: () => [hosting.self, ...(many?.cluster.processes.living ?? [])],
    ...many?.forHttp,
    rooms: new Rooms({ sessions: () => hosting.sessions, processId, clock }),
    ...(forwarding === undefined ? {} : { forwarding }),
    ...(peers === undefined ? {} : { peers }),
    pages: matchmaking({
      door,
      reconnections,
      log,
      addressOf: (request) => proxies.rateKeyOf(request),
      meter: metrics,
      ...(forwarding === undefined ? {} : { forwarding }),
    }),
    ...(pages === undefined
      ? {}
      : { site: new Site(pages, { devLogin: config.auth.devLogin, guests: config.auth.guests, demo, actions }) }),
  });
  const server = createHttpServer(http, clock, config.keepAliveSeconds, (status) =>
    log.info({ status }, "malformed request"),
  );
  const transport = new GuardedTransport(
    server,
    upgradeCheck({
      reconnections,
      refuses: (request) => {
        if (!namesItsHost(request, proxies)) return 400;
        return origins.isAllowed(request) ? undefined : 403;
      },
      addressOf: (request) => proxies.rateKeyOf(request),
      draining,
      passedOnBy: (request) => forwarding?.clientOf(request)?.by,
      isKnown: async (bearer) => (await identity.holderOf(bearer)) !== undefined,
      ...(passThrough === undefined ? {} : { passingOn: passThrough }),
    }),
    (status) => log.info({ status }, "upgrade refused"),
  );
  connections = () => transport.connections;
  // The framework prints a stack for a port that is taken; whoever started us is told in a sentence.
  server.removeAllListeners("error");
  await listening(server, config);
  server.on("error", (error) => log.error(faultOf(error), "server error"));
  learning.start();
  retention.start();
  duePauses.start();
  many?.cluster.startTaking();

  const stop = async (): Promise<void> => {
    if (many !== undefined) {
      const graceMs = config.shutdownGraceSeconds * 1_000;
      const withinMs = graceMs - Math.min(SAVED_WITHIN_MS, graceMs / 3);
      const late = new Promise<void>((resolve) => clock.after(withinMs, resolve));
      await Promise.race([Promise.all([many.cluster.handOver(withinMs), many.cluster.stopTaking()]), late]);
    }
    passThrough?.stop();
    await Promise.all([hosting.stop(), learning.stop(), retention.stop(), duePauses.stop()]);
    await many?.cluster.stop();
    asking?.stop();
    transport.shutdown();
    server.closeAllConnections();
    await matchMaker.gracefullyShutdown();
    driver.shutdown();
    await many?.redis.stop();
    await stores.close();
  };
  return {
    address: server.address() as AddressInfo,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

function listening(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = ({ message }: Error): void => reject(new Error(`HOST, PORT: nobody can listen there: ${message}`));
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      resolve();
    });
  });
}
