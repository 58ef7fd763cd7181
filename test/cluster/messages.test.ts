import assert from "node:assert/strict";
import { type MemberChanged, Messages, type SignedText } from "../../src/cluster/messages.ts";
import { beatOf } from "../support/beats.ts";
import { HandClock, settled } from "../support/hand-clock.ts";

const BY = { userId: "gm", name: "Gail", role: "gm", via: "member" } as const;
const CHANGE: MemberChanged = { campaignId: "c1", userId: "kim", by: BY };

/** Processes that share a Redis, which the test may take away, and reach each other by HTTP, which it may cut. */
class Scene {
  readonly clock = new HandClock();
  isRedisThere = true;
  readonly posted: string[] = [];
  readonly published: { readonly channel: string; readonly message: object }[] = [];
  readonly members = new Map<string, Member>();
  readonly #heard: { readonly channel: string; readonly take: (message: unknown) => void }[] = [];

  readonly redis = {
    hear: (channel: string, take: (message: unknown) => void) => void this.#heard.push({ channel, take }),
    publish: async (channel: string, message: object) => {
      if (!this.isRedisThere) return false;
      this.published.push({ channel, message });
      const text = JSON.stringify(message);
      for (const one of this.#heard) if (one.channel === channel) one.take(JSON.parse(text));
      return true;
    },
  };

  start(processId: string, secret = "one secret of all"): Member {
    const member = new Member(this, processId, secret);
    this.members.set(processId, member);
    return member;
  }
}

class Member {
  readonly taken: MemberChanged[] = [];
  readonly failures: string[] = [];
  readonly messages: Messages;
  isDeaf = false;
  isCut = false;
  isFailing = false;
  isDead = false;

  constructor(scene: Scene, processId: string, secret: string) {
    this.messages = new Messages({
      redis: {
        hear: (channel, take) => scene.redis.hear(channel, (message) => this.isDeaf || this.isDead || take(message)),
        publish: scene.redis.publish,
      },
      processes: {
        get living() {
          const others = [...scene.members].filter(([other, { isDead }]) => other !== processId && !isDead);
          return others.map(([other]) => beatOf(other, 1, { internalUrl: `http://${other}` }));
        },
        isAlive: (other) => scene.members.get(other)?.isDead === false,
      },
      clock: scene.clock,
      processId,
      secret,
      post: async (to, signed: SignedText) => {
        scene.posted.push(to);
        const other = scene.members.get(to)!;
        if (other.isCut || !(await other.messages.received(signed))) throw new Error("not taken");
      },
      take: async (change) => {
        if (this.isFailing) throw new Error("the store is away");
        this.taken.push(change);
      },
      onFailed: (_error, other) => this.failures.push(other),
    });
    this.messages.start();
  }
}

describe("what all processes have to know at once", () => {
  it("[MP11] comes by Redis, and is taken by all others once before the sender goes on", async () => {
    const scene = new Scene();
    const [a, b, c] = [scene.start("a"), scene.start("b"), scene.start("c")];
    await a.messages.tellAll(CHANGE);
    assert.deepEqual([a.taken, b.taken, c.taken], [[], [CHANGE], [CHANGE]]);
    assert.deepEqual([scene.posted, scene.clock.pending], [[], 0]);
  });

  it("[MP11] comes by HTTP at once where Redis is away", async () => {
    const scene = new Scene();
    const [a, b, c] = [scene.start("a"), scene.start("b"), scene.start("c")];
    scene.isRedisThere = false;
    await a.messages.tellAll(CHANGE);
    assert.deepEqual([b.taken, c.taken], [[CHANGE], [CHANGE]]);
    assert.deepEqual(scene.posted.toSorted(), ["b", "c"]);
  });

  it("[MP11] comes by HTTP after 300 ms to whoever Redis lost it for, and counts once where it was only late", async () => {
    const scene = new Scene();
    const [a, b, c] = [scene.start("a"), scene.start("b"), scene.start("c")];
    b.isDeaf = true;
    a.isDeaf = true;
    const told = a.messages.tellAll(CHANGE);
    await scene.clock.advance(299);
    assert.deepEqual([b.taken.length, c.taken.length, scene.posted], [0, 1, []]);
    await scene.clock.advance(1);
    await told;
    assert.deepEqual([b.taken, c.taken], [[CHANGE], [CHANGE]]);
    assert.deepEqual(scene.posted.toSorted(), ["b", "c"]);
  });

  it("[MP11] is told again to whoever is there and could not take it, but holds nobody up for it", async () => {
    const scene = new Scene();
    const [a, b, c] = [scene.start("a"), scene.start("b"), scene.start("c")];
    scene.isRedisThere = false;
    b.isCut = true;
    c.isFailing = true;
    await a.messages.tellAll(CHANGE);
    assert.deepEqual(a.failures.toSorted(), ["b", "c"]);
    await scene.clock.advance(2_500);
    b.isCut = false;
    c.isFailing = false;
    await scene.clock.advance(1_000);
    assert.deepEqual([b.taken, c.taken], [[CHANGE], [CHANGE]]);
    await scene.clock.advance(60_000);
    assert.deepEqual([b.taken.length, c.taken.length, scene.clock.pending], [1, 1, 0]);
  });

  it("[MP11] is kept for nobody who is dead, and not for ever for anybody", async () => {
    const scene = new Scene();
    const [a, b, c] = [scene.start("a"), scene.start("b"), scene.start("c")];
    scene.isRedisThere = false;
    b.isCut = true;
    c.isCut = true;
    await a.messages.tellAll(CHANGE);
    b.isDead = true;
    await scene.clock.advance(120_000);
    assert.equal(scene.clock.pending, 0);
    assert.equal(scene.posted.filter((url) => url === "b").length, 1);
    assert.equal(scene.posted.filter((url) => url === "c").length, 31);
  });

  it("[MP11] a process that serves alone tells nobody", async () => {
    const scene = new Scene();
    await scene.start("a").messages.tellAll(CHANGE);
    assert.deepEqual([scene.published, scene.posted], [[], []]);
  });

  it("[MP12] is dropped where no process of this store signed it, by either way", async () => {
    const scene = new Scene();
    const [a, b] = [scene.start("a"), scene.start("b")];
    const stranger = scene.start("stranger", "another secret");
    const told = stranger.messages.tellAll(CHANGE);
    await scene.clock.advance(500);
    await told;
    assert.deepEqual([a.taken, b.taken], [[], []]);
    stranger.isDead = true;
    await a.messages.tellAll(CHANGE);
    const [signed] = scene.published
      .flatMap(({ channel, message }) => (channel === "messages" ? [message as SignedText] : []))
      .slice(-1);
    for (const forged of [
      { ...signed!, text: signed!.text.replace("kim", "lee") },
      { ...signed!, proof: "" },
      { ...signed!, proof: signed!.proof.slice(1) },
      { text: signed!.text },
      { text: "{}", proof: signed!.proof },
      null,
      "text",
      [],
    ]) {
      assert.equal(await b.messages.received(forged), false);
      await scene.redis.publish("messages", forged as object);
    }
    await settled();
    assert.equal(b.taken.length, 1);
  });
});
