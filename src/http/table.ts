import type { AuthConfig } from "../config.ts";
import type { Route } from "./route.ts";
import { admitKnock, denyKnock } from "./routes/answerKnock.ts";
import { createBackup } from "./routes/createBackup.ts";
import { createCampaign } from "./routes/createCampaign.ts";
import { createDevelopmentToken } from "./routes/createDevelopmentToken.ts";
import { createGuest } from "./routes/createGuest.ts";
import { createInvite } from "./routes/createInvite.ts";
import { createMonitorTicket } from "./routes/createMonitorTicket.ts";
import { createSession } from "./routes/createSession.ts";
import { createStreamTicket } from "./routes/createStreamTicket.ts";
import { describe } from "./routes/describe.ts";
import { documentation } from "./routes/documentation.ts";
import { drain } from "./routes/drain.ts";
import { getCampaign } from "./routes/getCampaign.ts";
import { getHistory } from "./routes/getHistory.ts";
import { getMyKnock } from "./routes/getMyKnock.ts";
import { getSession } from "./routes/getSession.ts";
import { getSessionState } from "./routes/getSessionState.ts";
import { health } from "./routes/health.ts";
import { knock } from "./routes/knock.ts";
import { listCampaigns } from "./routes/listCampaigns.ts";
import { listCommands } from "./routes/listCommands.ts";
import { listEvents } from "./routes/listEvents.ts";
import { listInvites } from "./routes/listInvites.ts";
import { listKnocks } from "./routes/listKnocks.ts";
import { listProcesses } from "./routes/listProcesses.ts";
import { listSessions } from "./routes/listSessions.ts";
import { metrics } from "./routes/metrics.ts";
import { monitorData } from "./routes/monitorData.ts";
import { monitorPage } from "./routes/monitorPage.ts";
import { pages } from "./routes/pages.ts";
import { previewInvite } from "./routes/previewInvite.ts";
import { putMember } from "./routes/putMember.ts";
import { readiness } from "./routes/readiness.ts";
import { removeMember } from "./routes/removeMember.ts";
import { removeParticipant } from "./routes/removeParticipant.ts";
import { revokeInvite } from "./routes/revokeInvite.ts";
import { stepSession } from "./routes/stepSession.ts";
import { stream } from "./routes/stream.ts";
import { unban } from "./routes/unban.ts";
import { updateSession } from "./routes/updateSession.ts";
import { verifyEvents } from "./routes/verifyEvents.ts";

/** Every route there is: what is served, checked and described comes from here. */
export function routesFor({ devLogin }: Pick<AuthConfig, "devLogin">): readonly Route[] {
  return [
    createCampaign,
    listCampaigns,
    getCampaign,
    putMember,
    removeMember,
    createSession,
    listSessions,
    getSession,
    getSessionState,
    updateSession,
    ...stepSession,
    createInvite,
    listInvites,
    revokeInvite,
    previewInvite,
    createGuest,
    knock,
    listKnocks,
    getMyKnock,
    admitKnock,
    denyKnock,
    removeParticipant,
    unban,
    getHistory,
    listEvents,
    verifyEvents,
    listCommands,
    stream,
    createStreamTicket,
    createMonitorTicket,
    ...monitorPage,
    ...monitorData,
    drain,
    listProcesses,
    createBackup,
    health,
    readiness,
    metrics,
    describe,
    documentation,
    ...pages,
    ...(devLogin ? [createDevelopmentToken] : []),
  ];
}
