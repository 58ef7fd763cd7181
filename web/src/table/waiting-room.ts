import { ask, Refused, seg } from "../api/ask.ts";

export type KnockStatus = "waiting" | "admitted" | "denied";

export interface KnockAnswer {
  readonly status: KnockStatus;
  /** of a denial */
  readonly reason: string | null;
}

const WAIT_SECONDS = 25;
/** After no answer, or one that says to wait. */
const AGAIN_MS = 2000;

/**
 * Knocks, and waits until a GM has answered.
 * @param onWaiting is told once that the knock was taken
 * @returns how it was answered; undefined where there is no such knock any more: a join will say why
 * @throws Refused where one may not even knock
 */
export async function knock(
  sessionId: string,
  invite: string | undefined,
  onWaiting: () => void,
  signal: AbortSignal,
): Promise<KnockAnswer | undefined> {
  const first = await sendKnock(sessionId, invite, undefined);
  if (first !== "waiting")
    return { status: first, reason: first === "denied" ? await reasonOf(sessionId, signal) : null };
  onWaiting();
  while (!signal.aborted) {
    try {
      const answer = await ask<KnockAnswer>("GET", mine(sessionId, WAIT_SECONDS), undefined, { signal });
      if (answer.status !== "waiting") return answer;
    } catch (error) {
      if (error instanceof Refused && error.code !== "no_answer" && error.status < 500 && error.status !== 429)
        return undefined;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
  return undefined;
}

/** Knocks once more, with something to say to the GM. */
export async function sendKnock(
  sessionId: string,
  invite: string | undefined,
  message: string | undefined,
): Promise<KnockStatus> {
  const { status } = await ask<{ status: KnockStatus }>("POST", `api/sessions/${seg(sessionId)}/knocks`, {
    ...(invite === undefined ? {} : { invite }),
    ...(message === undefined ? {} : { message }),
  });
  return status;
}

async function reasonOf(sessionId: string, signal: AbortSignal): Promise<string | null> {
  try {
    return (await ask<KnockAnswer>("GET", mine(sessionId, 0), undefined, { signal })).reason;
  } catch {
    return null;
  }
}

function mine(sessionId: string, waitSeconds: number): string {
  return `api/sessions/${seg(sessionId)}/knocks/mine?wait=${waitSeconds}`;
}
