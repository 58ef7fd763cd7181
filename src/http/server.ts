import express, { type NextFunction, type Request, type Response } from "express";
import helmet, { strictTransportSecurity } from "helmet";
import { RateWindow } from "../core/rate-window.ts";
import { faultOf } from "../ops/log.ts";
import { machineFigures } from "../ops/machine.ts";
import type { Forwarding } from "../ports/elsewhere.ts";
import { ChainChecks } from "./chain-checks.ts";
import { Continuations } from "./continuations.ts";
import { cors } from "./cors.ts";
import type { HttpDeps, HttpParts } from "./deps.ts";
import { dispatcher } from "./dispatch.ts";
import { isTemporary, problemOf } from "./failure.ts";
import { CampaignNames } from "./monitor/campaign-names.ts";
import { MonitorPanel } from "./monitor/panel.ts";
import { MonitorPasses } from "./monitor/passes.ts";
import { openApi } from "./openapi.ts";
import { Origins } from "./origins.ts";
import { toldToPeers } from "./other-rooms.ts";
import { notFound, problem } from "./problem.ts";
import { namesItsHost, Proxies } from "./proxies.ts";
import { writeRates } from "./rateLimit.ts";
import { requestLog } from "./requestLog.ts";
import { sendProblem } from "./send.ts";
import { SharedForASecond } from "./shared-for-a-second.ts";
import { OpenStreams } from "./stream/open-streams.ts";
import { StreamTickets } from "./stream/tickets.ts";
import { routesFor } from "./table.ts";
import { UnsentAnswers } from "./unsent-answers.ts";
import { WholeStates } from "./whole-states.ts";

const OWN_TOKENS_PER_ADDRESS = 20;
const OWN_TOKENS_WINDOW_MS = 10_000;
const KNOCKS_PER_PERSON = 8;
const KNOCKS_WINDOW_MS = 10_000;

/** A store that takes longer than this to say that it is there is not there for players either. */
const READY_WITHIN_MS = 2_000;

/** The HTTP side of one process. Answers every path: what it does not know is 404 as `application/problem+json`. */
export function buildHttp(parts: HttpParts): express.Express {
  const routes = routesFor(parts.config.auth);
  const { forwarding } = parts;
  const proxies = new Proxies(parts.config.trustProxy, forwarding && ((request) => forwarding.clientOf(request)));
  const origins = new Origins(parts.config, proxies);
  let description: object | undefined;
  const deps: HttpDeps = {
    ...parts,
    proxies,
    origins,
    ownTokens: {
      guest: new RateWindow(OWN_TOKENS_PER_ADDRESS, OWN_TOKENS_WINDOW_MS),
      development: new RateWindow(OWN_TOKENS_PER_ADDRESS, OWN_TOKENS_WINDOW_MS),
    },
    writes: writeRates(parts.config.rates.writesPerSecond),
    knocks: new RateWindow(KNOCKS_PER_PERSON, KNOCKS_WINDOW_MS),
    streamTickets: new StreamTickets({
      kept: parts.stores.tickets,
      leases: parts.stores.leases,
      clock: parts.clock,
      chance: parts.chance,
      processId: parts.processId,
    }),
    openStreams: new OpenStreams(),
    unsent: new UnsentAnswers(),
    wholeStates: new WholeStates(parts.clock),
    continuations: new Continuations(parts.config.rates.writesPerSecond, parts.clock),
    monitorPasses: new MonitorPasses({
      kept: parts.stores.tickets,
      clock: parts.clock,
      chance: parts.chance,
      processId: parts.processId,
    }),
    monitorPanel: new MonitorPanel(),
    campaignNames: new CampaignNames(parts.stores.campaigns),
    machine: machineFigures(parts.processId),
    chainChecks: new ChainChecks(parts.stores.log),
    readiness: new SharedForASecond(parts.clock, () => checkAll(parts), READY_WITHIN_MS),
    redisIsThere: parts.redis && new SharedForASecond(parts.clock, parts.redis),
    figures: parts.metrics && new SharedForASecond(parts.clock, parts.metrics),
    openapi: () => {
      description ??= openApi(routes);
      return description;
    },
  };

  const app = express();
  app.set("trust proxy", (address: string, hop: number) => proxies.trusts(address, hop));
  app.set("etag", false);
  app.disable("x-powered-by");
  if (forwarding !== undefined) app.use(proofs(forwarding));
  app.use(requestLog(parts.log));
  app.use((request, response, next) => {
    if (namesItsHost(request, proxies)) next();
    else sendProblem(response, problem("bad_request", "The request's Host is none."));
  });
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
      },
      // Over plain HTTP browsers ignore it, or take it for the host's other ports as well.
      strictTransportSecurity: false,
    }),
  );
  const onlyByHttps = strictTransportSecurity({ includeSubDomains: false });
  app.use((request, response, next) => {
    if (proxies.isSecure(request) === true) onlyByHttps(request, response, next);
    else next();
  });
  app.use(cors(origins));
  app.use("/api", (_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  // Its cookie is good for looking; nothing there takes anything in.
  app.use("/monitor", (request, response, next) => {
    response.set("Cache-Control", "no-store");
    if (request.method === "GET" || request.method === "HEAD") return next();
    sendProblem(
      response,
      problem("method_not_allowed", "The monitor is only read.", { headers: { Allow: "GET, HEAD" } }),
    );
  });
  app.use(dispatcher(routes, deps));
  if (parts.peers !== undefined) app.use(toldToPeers(deps));
  if (parts.pages !== undefined) app.use(parts.pages);
  app.use((_request, response) => sendProblem(response, notFound()));
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const fault = { ...faultOf(error), route: response.locals.pattern };
    if (isTemporary(error)) parts.log.warn(fault, "unavailable");
    else parts.log.error(fault, "failed");
    // Too late to say so: Express ends the connection.
    if (response.headersSent) next(error);
    else sendProblem(response, problemOf(error));
  });
  return app;
}

/** Another process of ours asks who is there before it sends anything. To everybody else there is nothing. */
function proofs(forwarding: Forwarding) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const proof = forwarding.proofFor(request);
    if (proof === undefined) next();
    else response.set(proof.name, proof.value).status(204).end();
  };
}

async function checkAll({ stores, checks = [] }: HttpParts): Promise<void> {
  await Promise.all([stores.check(), ...checks.map((check) => check())]);
}
