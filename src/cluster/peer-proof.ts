import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../ports/clock.ts";
import type { SeenClient, SignedRequest } from "../ports/elsewhere.ts";
import type { Host } from "./hosts.ts";

/** On a request that a process of ours sends: who its client is, signed. */
export const FORWARDED_HEADER = "x-process-forwarded";
/** On what a process of ours asks by itself, signed with its body. */
export const ASKING_HEADER = "x-process-asking";
/** On a request for a proof, and on its answer. */
export const CHALLENGE_HEADER = "x-process-challenge";
export const PROOF_HEADER = "x-process-proof";
/** Where a process is asked for a proof. */
export const PROOF_PATH = "/internal/proof";

/** A signed header is good for so long: what somebody has overheard is of no use for longer. */
const GOOD_FOR_MS = 30_000;

const Forwarded = z.object({
  to: z.string(),
  /** a process of a former version does not say it */
  by: z.string().optional(),
  at: z.number(),
  address: z.string(),
  host: z.string().nullable(),
  isSecure: z.boolean().nullable(),
});
const Asking = z.object({ to: z.string(), at: z.number() });
const Challenge = z.object({ to: z.string(), url: z.string(), nonce: z.string() });
const Proof = z.object({ processId: z.string(), at: z.number() });

/** What a signature is for: one that was made for something else is none. */
type Purpose = "forwarded" | "asking" | "challenge" | "proof";

/** Who answered at an address, and how far its clock is ahead of ours. */
export interface ProvenProcess {
  readonly processId: string;
  readonly aheadMs: number;
}

/**
 * How the processes that share a store know each other: by a secret that the first one put there. It never travels; what
 * travels is signed with it (HMAC-SHA256), for one purpose and one process.
 */
export class PeerProof {
  readonly #key: KeyObject;
  readonly #processId: string;
  readonly #internalUrl: string;
  readonly #clock: Pick<Clock, "now">;
  readonly #forwarded = new WeakMap<SignedRequest, SeenClient | "stale" | "none">();

  /**
   * @param secret the same in all processes
   * @param processId of this life of this process
   * @param internalUrl at which the others reach it
   */
  constructor(secret: string, processId: string, internalUrl: string, clock: Pick<Clock, "now">) {
    this.#key = createSecretKey(Buffer.from(secret));
    this.#processId = processId;
    this.#internalUrl = internalUrl;
    this.#clock = clock;
  }

  /** A header that asks a host to prove itself. It names the address, so that nobody else can have it answered there. */
  challenge({ processId, internalUrl }: Host): string {
    return this.#signed("challenge", [], {
      to: processId,
      url: internalUrl,
      nonce: randomBytes(18).toString("base64url"),
    } satisfies z.output<typeof Challenge>);
  }

  /** The proof for a challenge, with the id of this process, whichever was meant. Undefined: it is none of ours, or not for here. */
  answerTo(challenge: string): string | undefined {
    const asked = this.#read("challenge", [], Challenge, challenge);
    if (asked?.url !== this.#internalUrl) return undefined;
    const says = { processId: this.#processId, at: this.#clock.now() } satisfies z.output<typeof Proof>;
    return this.#signed("proof", [challenge], says);
  }

  /** Which process of ours answered a challenge; undefined: none of ours. */
  provenBy(challenge: string, proof: string): ProvenProcess | undefined {
    const said = this.#read("proof", [challenge], Proof, proof);
    return said && { processId: said.processId, aheadMs: said.at - this.#clock.now() };
  }

  /**
   * A header for a request to a host on behalf of a client.
   * @param aheadMs how far the host's clock is ahead of ours
   */
  forwarded(
    to: string,
    aheadMs: number,
    method: string,
    path: string,
    { address, host, isSecure }: SeenClient,
  ): string {
    return this.#signed("forwarded", [method, path], {
      to,
      by: this.#processId,
      at: this.#clock.now() + aheadMs,
      address,
      host: host ?? null,
      isSecure: isSecure ?? null,
    } satisfies z.output<typeof Forwarded>);
  }

  /** What another process of ours says of a request's client. Undefined: no process of ours sent it just now. */
  clientOf(request: SignedRequest): SeenClient | undefined {
    const found = this.#look(request);
    return typeof found === "string" ? undefined : found;
  }

  /** Whether a process of ours sent it, however long ago it says. */
  isForwarded(request: SignedRequest): boolean {
    return this.#look(request) !== "none";
  }

  /** A header for a question of this process itself. @param body as it is sent */
  asking(to: string, aheadMs: number, path: string, body: Buffer): string {
    const says = { to, at: this.#clock.now() + aheadMs } satisfies z.output<typeof Asking>;
    return this.#signed("asking", [path, digestOf(body)], says);
  }

  /** Whether another process of ours asks this of this one, just now. @param body as it came */
  isAsking({ headers, url = "" }: SignedRequest, body: Buffer): boolean {
    const header = headers[ASKING_HEADER];
    const said = typeof header === "string" ? this.#read("asking", [url, digestOf(body)], Asking, header) : undefined;
    return said?.to === this.#processId && Math.abs(this.#clock.now() - said.at) <= GOOD_FOR_MS;
  }

  /** Once per request: its address may be changed for those who serve it. */
  #look(request: SignedRequest): SeenClient | "stale" | "none" {
    const header = request.headers[FORWARDED_HEADER];
    if (header === undefined) return "none";
    let found = this.#forwarded.get(request);
    if (found === undefined) {
      found = typeof header === "string" ? this.#clientIn(header, request) : "none";
      this.#forwarded.set(request, found);
    }
    return found;
  }

  #clientIn(header: string, { method = "", url = "" }: SignedRequest): SeenClient | "stale" | "none" {
    const said = this.#read("forwarded", [method, url], Forwarded, header);
    if (said?.to !== this.#processId) return "none";
    if (Math.abs(this.#clock.now() - said.at) > GOOD_FOR_MS) return "stale";
    const { address, host, isSecure, by } = said;
    return { address, host: host ?? undefined, isSecure: isSecure ?? undefined, ...(by === undefined ? {} : { by }) };
  }

  #signed(purpose: Purpose, about: readonly string[], what: object): string {
    const text = Buffer.from(JSON.stringify(what)).toString("base64url");
    return `${text}.${this.#sign(purpose, about, text).toString("base64url")}`;
  }

  /** What was signed by one who has the secret. Undefined: by nobody, or for something else. */
  #read<T>(purpose: Purpose, about: readonly string[], shape: z.ZodType<T>, header: string): T | undefined {
    const [text = "", signature = "", ...rest] = header.split(".");
    const given = Buffer.from(signature, "base64url");
    const right = this.#sign(purpose, about, text);
    if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    // Signed by a process of ours; one of another version may say other things.
    const read = shape.safeParse(JSON.parse(Buffer.from(text, "base64url").toString()));
    return read.success ? read.data : undefined;
  }

  /** No part holds a line break, so that parts cannot be taken for one another. */
  #sign(purpose: Purpose, about: readonly string[], text: string): Buffer {
    return createHmac("sha256", this.#key)
      .update([purpose, ...about, text].join("\n"))
      .digest();
  }
}

function digestOf(body: Buffer): string {
  return hash("sha256", body, "base64url");
}
