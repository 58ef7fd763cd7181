import { type TokenNeed, type TokenSource, takeToken } from "./tokens.ts";

/** What a knock comes to (contract, section 3, waiting room). */
export interface KnockAnswer {
  readonly status: "waiting" | "admitted" | "denied";
  /** of a denial, if the GM gave one */
  readonly reason: string | null;
}

export interface KnockOptions {
  /** `https://host`, `http://host:port`, `wss://…` or `ws://…` */
  readonly endpoint: string;
  readonly sessionId: string;
  readonly token: TokenSource;
  /** an invite's token, for somebody who is no member */
  readonly invite?: string;
  /** a word for the GM, at most 500 characters */
  readonly message?: string;
  readonly signal?: AbortSignal;
  /** is called once, when the GM can see the knock */
  readonly onWaiting?: () => void;
}

/** The server's "no" to a knock: nobody of this name may knock there. `code` as in contract section 2. */
export class KnockRefused extends Error {
  override readonly name = "KnockRefused";
  readonly status: number;
  readonly code: string;
  /** when to try again; 0 where that would meet the same */
  readonly retryAfterMs: number;

  constructor(status: number, code: string, message: string, retryAfterMs: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

const WAIT_SECONDS = 25;
/** After no answer, and where the server does not say how long. */
const AGAIN_MS = 2_000;
const NO_ANSWER = 0;

/**
 * Knocks at a session that admits people one by one (a join was refused with 403 `approval_needed`), and waits for the
 * GM's answer as long as it takes: over lost lines and restarts, too. After `admitted`, join again.
 * @throws KnockRefused where one may not knock, or not any more: banned, an invite that is void, the end of the session;
 *   whatever `signal` was aborted with
 */
export async function knock(options: KnockOptions): Promise<KnockAnswer> {
  const path = `api/sessions/${encodeURIComponent(options.sessionId)}/knocks`;
  const status = await untilAnswered(options, (need) => sendOnce(options, path, need));
  if (status === "admitted") return { status, reason: null };
  if (status === "waiting") options.onWaiting?.();
  for (;;) {
    const answer = await untilAnswered(options, (need) => mine(options, path, need));
    if (answer.status !== "waiting") return answer;
  }
}

/** Knocks once, and does not wait: also to say more to the GM while another call waits. @throws KnockRefused */
export async function sendKnock(options: Omit<KnockOptions, "onWaiting">): Promise<KnockAnswer["status"]> {
  return await sendOnce(options, `api/sessions/${encodeURIComponent(options.sessionId)}/knocks`, "join");
}

async function sendOnce(options: KnockOptions, path: string, need: TokenNeed): Promise<KnockAnswer["status"]> {
  const { invite, message } = options;
  const body = { ...(invite === undefined ? {} : { invite }), ...(message === undefined ? {} : { message }) };
  return (await ask<KnockAnswer>(options, "POST", path, need, body)).status;
}

function mine(options: KnockOptions, path: string, need: TokenNeed): Promise<KnockAnswer> {
  return ask<KnockAnswer>(options, "GET", `${path}/mine?wait=${WAIT_SECONDS}`, need);
}

/** Asks again while nobody answers, or the answer is to wait; once more with another token, where there may be one. */
async function untilAnswered<T>({ token, signal }: KnockOptions, once: (need: TokenNeed) => Promise<T>): Promise<T> {
  let need: TokenNeed = "join";
  for (;;) {
    try {
      return await once(need);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof KnockRefused)) throw error;
      const mayRenew: boolean = error.status === 401 && typeof token === "function" && need === "join";
      if (error.retryAfterMs === 0 && !mayRenew) throw error;
      need = mayRenew ? "refused" : "join";
      await pause(error.retryAfterMs, signal);
    }
  }
}

async function ask<T>(
  { endpoint, token, signal }: KnockOptions,
  method: "GET" | "POST",
  path: string,
  need: TokenNeed,
  body?: object,
): Promise<T> {
  const bearer = await takeToken(token, need);
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(`${endpoint.replace(/^ws/, "http").replace(/\/$/, "")}/${path}`, {
      method,
      cache: "no-store",
      credentials: "same-origin",
      headers: {
        Authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    answer = await response.json().catch(() => undefined);
  } catch {
    signal?.throwIfAborted();
    throw new KnockRefused(NO_ANSWER, "no_answer", "The server does not answer.", AGAIN_MS);
  }
  if (response.ok) return answer as T;
  const { code = "internal", detail = "" } = (answer ?? {}) as { code?: string; detail?: string };
  throw new KnockRefused(response.status, code, detail, retryAfterMs(response));
}

function retryAfterMs({ status, headers }: Response): number {
  if (status !== 429 && status < 500) return 0;
  const seconds = Number(headers.get("retry-after"));
  return seconds > 0 ? seconds * 1_000 : AGAIN_MS;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
