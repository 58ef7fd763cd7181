import type { Router } from "express";
import type { Config } from "../config.ts";
import type { RateWindow } from "../core/rate-window.ts";
import type { TokenBuckets } from "../core/token-buckets.ts";
import type { Identity } from "../identity/identity.ts";
import type { MonitoredRooms } from "../live/room-figures.ts";
import type { RunningSessions } from "../live/sessions.ts";
import type { Logger } from "../ops/log.ts";
import type { MachineFigures } from "../ops/machine.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import type { Forwarding, PeerCalls } from "../ports/elsewhere.ts";
import type { ProcessBeat } from "../ports/leases.ts";
import type { Stores } from "../ports/stores.ts";
import type { ChainChecks } from "./chain-checks.ts";
import type { Continuations } from "./continuations.ts";
import type { CampaignNames } from "./monitor/campaign-names.ts";
import type { MonitorPanel } from "./monitor/panel.ts";
import type { MonitorPasses } from "./monitor/passes.ts";
import type { Origins } from "./origins.ts";
import type { Proxies } from "./proxies.ts";
import type { SharedForASecond } from "./shared-for-a-second.ts";
import type { Site } from "./site.ts";
import type { OpenStreams } from "./stream/open-streams.ts";
import type { StreamTickets } from "./stream/tickets.ts";
import type { UnsentAnswers } from "./unsent-answers.ts";
import type { WholeStates } from "./whole-states.ts";

/** What HTTP is built from. */
export interface HttpParts {
  readonly config: Pick<
    Config,
    "rates" | "auth" | "publicUrl" | "publicAddress" | "corsOrigins" | "trustProxy" | "metricsToken"
  >;
  readonly stores: Pick<Stores, "campaigns" | "sessions" | "log" | "leases" | "tickets" | "backups" | "check">;
  readonly running: RunningSessions;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly chance: Chance;
  /** of this life of this process */
  readonly processId: string;
  readonly log: Logger;
  /** Starts the graceful shutdown of this process; called once or more. */
  readonly drain: () => void;
  /** whether that has begun, by whatever way: `/readyz` says so */
  readonly draining: () => boolean;
  /** what else `/readyz` asks besides the store; each rejects where it cannot be reached */
  readonly checks?: readonly (() => Promise<void>)[];
  /** this process and the others that are there */
  readonly processes: () => readonly ProcessBeat[];
  /** whether Redis can be reached now; absent where there is none */
  readonly redis?: () => Promise<boolean>;
  /** Takes what another process tells. @returns whether it was signed by one of ours */
  readonly takeMessage?: (message: unknown) => Promise<boolean>;
  /** Goes on with a session that another process hands over. @returns what became of it @throws where it could not */
  readonly receiveSession?: (handover: unknown) => Promise<"opened" | "elsewhere" | "impossible">;
  /** Prometheus text, without it `/metrics` is 404 */
  readonly metrics?: () => Promise<string>;
  /** the rooms of this process, for the monitor; without them it shows none */
  readonly rooms?: MonitoredRooms;
  /** where several processes serve the same campaigns: asks the host of a session */
  readonly forwarding?: Forwarding;
  /** there too: asks all the others */
  readonly peers?: PeerCalls;
  /** the web app; without it its pages are 503 */
  readonly site?: Site;
  /** what is asked after every route of ours and before the 404 */
  readonly pages?: Router;
}

/** What routes use: the parts, and what they share. */
export interface HttpDeps extends HttpParts {
  readonly proxies: Proxies;
  readonly origins: Origins;
  /** tokens that we sign for guests and in dev login: 20 per 10 s per address, each kind */
  readonly ownTokens: { readonly guest: RateWindow; readonly development: RateWindow };
  /** POST, PUT, PATCH and DELETE under `/api`, by user */
  readonly writes: TokenBuckets;
  /** by user: 8 per 10 s */
  readonly knocks: RateWindow;
  readonly chainChecks: ChainChecks;
  readonly continuations: Continuations;
  readonly streamTickets: StreamTickets;
  readonly openStreams: OpenStreams;
  readonly unsent: UnsentAnswers;
  readonly wholeStates: WholeStates;
  readonly monitorPasses: MonitorPasses;
  readonly monitorPanel: MonitorPanel;
  readonly campaignNames: CampaignNames;
  /** what an operator is told of this process */
  readonly machine: () => MachineFigures;
  /** rejects where this process is not ready */
  readonly readiness: SharedForASecond<void>;
  readonly redisIsThere: SharedForASecond<boolean> | undefined;
  readonly figures: SharedForASecond<string> | undefined;
  /** the description of all routes */
  readonly openapi: () => object;
}
