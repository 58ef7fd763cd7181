import { Agent, request } from "node:http";
import { connect, type Socket } from "node:net";
import { pause } from "../support/eventually.ts";
import { packed } from "../support/packed.ts";
import { RawSocket } from "../support/raw-socket.ts";
import type { HostileScene } from "./hostile-scene.ts";

/** Counts what was answered. */
export type Tell = (answer: string | number) => void;
/** One round of an attack; it is made again and again. */
type Attack = (tell: Tell, round: number) => Promise<void>;

const CLOSED_AFTER_MS = 15_000;

/** What a player, a spectator, a stranger and somebody without a token do: findings S3 to S9 and S11 of the audit. */
export function attacksOn(scene: HostileScene): Readonly<Record<string, Attack>> {
  const { url, port, tokens, full, sleeping, invite, ownCampaign, ownSession } = scene;
  const agent = new Agent({ keepAlive: true, maxSockets: 300 });
  let ids = 0;

  const ask = (tell: Tell, token: string | undefined, method: string, path: string, body?: unknown) =>
    new Promise<void>((resolve) => {
      const over = (answer: string | number) => {
        tell(answer);
        resolve();
      };
      const asked = request(
        url + path,
        {
          ...{ method, agent, timeout: 20_000 },
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
        },
        (answer) => {
          answer.resume();
          answer.once("close", () => over(answer.statusCode ?? 0));
        },
      );
      asked.once("error", () => over("cut"));
      asked.once("timeout", () => asked.destroy());
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const many = async (count: number, one: (i: number) => Promise<void>) => {
    await Promise.all(Array.from({ length: count }, (_, i) => one(i)));
  };
  /** Asks, and takes nothing of the answer for a while. */
  const unread = (token: string, path: string, sockets: Socket[]) => {
    const socket = connect(port, "127.0.0.1").pause();
    socket.on("error", () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    sockets.push(socket);
  };
  const join = async (tell: Tell, token: string, options = {}) => {
    try {
      return await RawSocket.join({ url, port }, { token }, full, options);
    } catch {
      tell("not let in");
      await pause(1_000);
      return undefined;
    }
  };
  const command = (action: string, payload: unknown, more: object = {}) =>
    packed({ id: `h${++ids}`, action, payload, ...more });
  const move = (from: string, to: string) => ({ action: "move", payload: { from, to } });
  /** Sends requests over a connection of its own, and waits for the last answer. */
  const requests = async (tell: Tell, token: string, frames: readonly Buffer[]) => {
    const raw = await join(tell, token);
    if (raw === undefined) return;
    for (const [i, frame] of frames.entries()) raw.request(i, "command", frame);
    const until = performance.now() + 5_000;
    while (raw.closeCode === null && performance.now() < until && raw.response(frames.length - 1) === undefined) {
      await pause(50);
    }
    for (let i = 0; i < frames.length; i++) {
      const text = raw.response(i)?.text ?? `closed ${raw.closeCode}`;
      tell(/rate_limited|limit_exceeded|conflict|journal_unavailable|closed \d+|seq/.exec(text)?.[0] ?? "other");
    }
    raw.close();
  };

  return {
    "S3 a spectator acknowledges no join": async (tell) => {
      const raw = await join(tell, tokens.spectator, { acknowledges: false });
      if (raw === undefined) return;
      raw.stopReading();
      for (let i = 0; i < 40 && raw.closeCode === null; i++) {
        raw.request(i, "x".repeat(900_000), Buffer.of(0xc0));
        while (raw.unsentBytes > 4_000_000 && raw.closeCode === null) await pause(20);
      }
      await pause(1_000);
      raw.close();
      tell("sent");
    },
    "S4 a player moves the tree to and fro": async (tell) => {
      const ops = [move("shared/a", "shared/b"), move("shared/b", "shared/a")].flatMap((op) => [op, op]);
      const frames = Array.from({ length: 60 }, (_, i) =>
        i % 2 === 0 ? command("batch", { ops }) : command("move", move("shared/a", "shared/b").payload),
      );
      await requests(tell, tokens.player, frames);
    },
    "S4 a player expects thousands of versions": async (tell) => {
      const expect = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`shared/a/e${i}`, 999_999]));
      const frame = command("set", { path: "shared/x", value: 1 }, { expect });
      await requests(
        tell,
        tokens.player,
        Array.from({ length: 20 }, () => frame),
      );
    },
    "S4 a player sends large frames": async (tell) => {
      const frame = Buffer.concat([Buffer.of(0xdd, 0, 0x0e, 0, 0), Buffer.alloc(0x0e_00_00, 1)]);
      await requests(
        tell,
        tokens.player,
        Array.from({ length: 10 }, () => frame),
      );
    },
    "S5 nobody asks whether it is ready": async (tell) => {
      await many(200, (i) => ask(tell, undefined, "GET", i % 4 === 0 ? "/metrics" : "/readyz"));
    },
    "S6 a stranger asks for what does not run": async (tell) => {
      await many(100, () => ask(tell, tokens.stranger, "GET", `/api/sessions/${sleeping}`));
    },
    "S6 nobody wants to be a guest": async (tell) => {
      await many(60, () => ask(tell, undefined, "POST", `/api/invites/${invite}/guest`, { name: "Guest" }));
    },
    "S6 a player reads what does not run": async (tell) => {
      await many(20, () => ask(tell, tokens.player, "GET", `/api/sessions/${sleeping}/state`));
    },
    "S7 a spectator opens streams and reads nothing": async (tell) => {
      const sockets: Socket[] = [];
      for (let i = 0; i < 100; i++) unread(tokens.spectator, `/api/sessions/${full}/stream`, sockets);
      await pause(CLOSED_AFTER_MS);
      for (const socket of sockets) tell(socket.destroy().bytesRead > 0 ? "some came" : "nothing came");
    },
    "S7 a spectator reads no answer": async (tell) => {
      const sockets: Socket[] = [];
      for (let i = 0; i < 100; i++) unread(tokens.spectator, `/api/sessions/${full}/state`, sockets);
      await pause(CLOSED_AFTER_MS);
      for (const socket of sockets) socket.destroy();
      tell("unread");
    },
    "S8 a player writes megabytes with bytes": async (tell, round) => {
      const [from, to] = round % 2 === 0 ? ["shared/a", "shared/b"] : ["shared/b", "shared/a"];
      await requests(tell, tokens.player, [command("move", { from, to })]);
    },
    "S9 a player fills the disk": async (tell, round) => {
      const body = { title: "Mine", settings: { snapshotEvery: 1 } };
      await many(10, async (i) => {
        const continueFrom = i % 2 === 0 ? { continueFrom: ownSession } : {};
        await ask(tell, tokens.player, "POST", `/api/campaigns/${ownCampaign}/sessions`, { ...body, ...continueFrom });
        await ask(tell, tokens.player, "PATCH", `/api/sessions/${ownSession}`, { title: `${round}` });
        await ask(tell, tokens.player, "POST", `/api/sessions/${ownSession}/${i % 2 === 0 ? "pause" : "resume"}`);
      });
    },
    "S9 a spectator opens and closes streams": async (tell) => {
      const sockets: Socket[] = [];
      for (let i = 0; i < 50; i++) unread(tokens.spectator, `/api/sessions/${full}/stream`, sockets);
      await pause(500);
      for (const socket of sockets) socket.destroy();
      tell("opened");
    },
    "S11 a player verifies": async (tell) => {
      await many(40, () => ask(tell, tokens.player, "GET", `/api/sessions/${ownSession}/events/verify`));
    },
  };
}
