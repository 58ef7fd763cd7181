// A short evening at the table, played with `clients/js` (the official SDK beneath it) against a server of its own. Run it with
// `npm run demo`.
import "../test/support/quiet.ts";
import { TcpProxy } from "../test/support/proxy.ts";
import { ServerProcess } from "../test/support/server.ts";
import { Player } from "./player.ts";
import { expected, line, scene } from "./script.ts";

const TRAP = "gm/cellar/trap";
const DOOR = "shared/door";

async function play(server: ServerProcess, wire: TcpProxy): Promise<void> {
  scene("Before the evening");
  const robin = await Player.arrive(server, "Robin");
  const kim = await Player.arrive(server, "Kim", wire.url);
  const lee = await Player.arrive(server, "Lee");
  const table = [robin, kim, lee];

  const campaign = await robin.http<{ id: string }>("POST", "/api/campaigns", { name: "The Cellar under the Inn" });
  await robin.http("PUT", `/api/campaigns/${campaign.id}/members/${kim.userId}`, { role: "player", name: "Kim" });
  const session = await robin.http<{ id: string }>("POST", `/api/campaigns/${campaign.id}/sessions`, {
    title: "Down the stairs",
  });
  const invite = await robin.http<{ token: string }>("POST", `/api/sessions/${session.id}/invites`, { role: "player" });
  const step = (name: string, body?: object) => robin.http("POST", `/api/sessions/${session.id}/${name}`, body);
  robin.says("opens a campaign with Kim as a player, plans an evening, and writes an invite for Lee");
  await robin.join(session.id);
  await robin.does("set", { path: TRAP, value: { what: "a pit behind the door", depth: 6 } });
  await robin.does("set", { path: DOOR, value: "closed" });
  robin.says("prepares a closed door that all may see, and a trap behind it that only a GM may see");

  scene("Everybody comes in");
  await kim.join(session.id);
  await lee.join(session.id, invite.token);
  await kim.sees("three people", ({ participants }) => participants.size === 3);
  kim.says(`came as a member of the campaign, and sees ${kim.company()}`);
  lee.says(`came by the invite, and sees the door ${lee.value(DOOR)}`);
  expected(
    "the trap is hidden from players",
    [kim, lee].every((player) => player.value(`${TRAP}/what`) === undefined),
  );
  lee.says("sees no trap: not one byte of it was sent");
  await step("start");
  await kim.sees("play begin", ({ status }) => status === "live");
  robin.says("starts the evening");

  scene("Two hands on one door");
  const known = kim.version(DOOR);
  const [kims, lees] = await Promise.all([
    kim.try("set", { path: DOOR, value: "open" }, { [DOOR]: known }),
    lee.try("set", { path: DOOR, value: "barred" }, { [DOOR]: known }),
  ]);
  const [winner, loser, refused] = kims.refused === undefined ? [kim, lee, lees.refused] : [lee, kim, kims.refused];
  expected("exactly one of the two is refused, with a conflict", refused?.code === "conflict" && winner !== loser);
  expected("the winner was told a number", (kims.refused === undefined) !== (lees.refused === undefined));
  winner.says(`was first: the door is ${winner.value(DOOR)}`);
  loser.says(
    `was second, and is told what stands now: ${refused.conflicts?.[0]?.value}, version ${refused.conflicts?.[0]?.version}`,
  );
  await Promise.all(
    [1, 2, 3, 4, 5].flatMap(() =>
      [kim, lee].map((player) => player.does("increment", { path: "shared/torches", by: 1 })),
    ),
  );
  await robin.sees("ten torches", () => robin.value("shared/torches") === 10);
  line("both", "light five torches each at the same time: ten burn, for increments never conflict");

  scene("A break");
  await step("pause", { reason: "the pizza is here" });
  await kim.sees("the pause", ({ status }) => status === "paused");
  const hungry = await kim.try("set", { path: DOOR, value: "kicked in" });
  expected("a player's command is refused in a pause", hungry.refused?.code === "session_paused");
  kim.says(`tries to kick the door in, and reads: “${hungry.refused.message}”`);
  await step("resume");
  await lee.sees("play go on", ({ status }) => status === "live");

  scene("The trap is sprung");
  await robin.does("move", { from: TRAP, to: "shared/trap" });
  await Promise.all([kim, lee].map((player) => player.sees("the trap", () => player.value("shared/trap/depth") === 6)));
  robin.says("moves the trap from the GM's notes onto the table");
  lee.says(`now sees ${lee.value("shared/trap/what")}, ${lee.value("shared/trap/depth")} metres deep`);

  scene("Kim's train enters a tunnel");
  wire.shut();
  wire.cut();
  await lee.sees("Kim's drop", ({ participants }) => participants.get("kim")?.presence === "disconnected");
  lee.says(`sees ${lee.company()}`);
  const meanwhile = await lee.does("append", { path: "shared/log", values: ["Lee holds a rope for Kim"] });
  wire.open();
  await kim.sees("what happened meanwhile", ({ seq }) => seq >= meanwhile);
  await lee.sees("Kim's return", ({ participants }) => participants.get("kim")?.presence === "online");
  kim.says(`is back in the same place, and reads: “${(kim.value("shared/log") as string[])[0]}”`);

  scene("The server is killed, with SIGKILL");
  const returns = table.map((player) => player.returns);
  const last = await lee.does("increment", { path: "shared/torches", by: -3 });
  const joinedAt = kim.state.participants.get("kim")?.joinedAt;
  lee.says(`puts out three torches, and is told: command ${last}, recorded`);
  wire.mute();
  const underWay = kim.try("increment", { path: "shared/torches", by: 1 });
  const [unanswered] = kim.table.unanswered;
  expected("Kim's command has no answer", unanswered !== undefined);
  await lee.sees("Kim's torch", () => lee.value("shared/torches") === 8);
  kim.says("lights one again: Lee sees it burn, but the answer never gets through to Kim");
  await server.kill();
  wire.cut();
  line("server", "is gone, at that very moment");
  const downAt = performance.now();
  await robin.sees("the line dead", () => robin.table.connection === "lost");
  const written = robin.try("append", { path: "shared/log", values: ["It goes dark for a moment"] });
  robin.says(`writes into the log all the same: ${robin.table.unanswered.length} command waits in the client's outbox`);
  await server.start();
  const [relit, logged] = await Promise.all([underWay, written]);
  await robin.sees(
    "everybody",
    ({ participants }) =>
      participants.size === 3 && table.every(({ userId }) => participants.get(userId)?.presence === "online"),
  );
  line(
    "server",
    `is started again on what it had stored; everybody is back by themselves after ${((performance.now() - downAt) / 1_000).toFixed(1)} s`,
  );
  // Each hears of their own return at a time of their own: Robin may see them before.
  const isBack = (player: Player, index: number) =>
    player.sees("the table again", () => player.returns > returns[index]!);
  await Promise.all(table.map(isBack));
  robin.says(`sees ${robin.company()}`);
  expected("Kim's and Robin's commands are accepted", relit.refused === undefined && logged.refused === undefined);
  await Promise.all(table.map((player) => player.sees("both", ({ seq }) => seq >= Math.max(relit.seq, logged.seq))));
  expected("nothing that was answered is lost, and what was sent again counts once", kim.value("shared/torches") === 8);
  expected("the place is the same one", kim.state.participants.get("kim")?.joinedAt === joinedAt);
  expected("Kim's command is told to have been there already", relit.duplicate && !logged.duplicate);
  kim.says(`has the answer now: the client sent command ${unanswered.id.slice(0, 8)}… again, and it counted once`);
  robin.says(`reads “${(robin.value("shared/log") as string[]).at(-1)}” in the log`);
  kim.says(`sees ${kim.value("shared/torches")} torches, and still sits where they sat down at the beginning`);

  scene("Do they all see the same?");
  for (const player of table) {
    await player.sees(
      "the server's digest",
      ({ seq, digestSeq, digest }) => digestSeq === seq && digest === player.digest(),
    );
    player.says(`computes ${player.digest()} over the table, the server says ${player.state.digest}`);
  }
  const digests = new Set(table.flatMap((player) => [player.digest(), player.state.digest]));
  expected("all digests agree", digests.size === 1);
  const chain = await robin.http<{ valid: boolean; count: number }>("GET", `/api/sessions/${session.id}/events/verify`);
  expected("the audit trail is whole", chain.valid);
  robin.says(`checks the audit trail: ${chain.count} events, the chain of hashes is whole`);
  for (const player of table) player.leave();
}

/** @returns whether everything went as it should */
async function evening(): Promise<boolean> {
  let server: ServerProcess | null = null;
  let wire: TcpProxy | null = null;
  try {
    server = await ServerProcess.start({ devLogin: true, env: { LOG_LEVEL: "warn" } });
    wire = await TcpProxy.to(server.port);
    await play(server, wire);
    scene("All of it as it should be.");
    return true;
  } catch (surprise) {
    console.error(`\nA surprise: ${(surprise as Error).message}`);
    if (server !== null && server.log !== "") console.error(`\nThe server's log ends:\n${server.log.slice(-2_000)}`);
    return false;
  } finally {
    await wire?.close();
    await server?.dispose();
  }
}

const wentWell = await evening();
// not left to end by itself: after a surprise the clients may still be trying to come back
process.exit(wentWell ? 0 : 1);
