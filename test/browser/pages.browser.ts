import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { Person } from "../support/people.ts";
import type { ServerProcess } from "../support/server.ts";
import { BrowserSite } from "./browser-site.ts";
import type { Visitor } from "./visitor.ts";

describe("the pages in a real browser", function () {
  this.timeout(60_000);
  let site: BrowserSite;
  let server: ServerProcess;
  let who: Visitor;

  before(async function () {
    site = await BrowserSite.open(this, { devLogin: true });
    server = site.server;
  });
  after(() => site?.close());
  beforeEach(async () => {
    who = await site.visitor();
  });
  afterEach(() => site.closeVisitors());

  const enter = async (name: string) => {
    await who.page.goto(server.url);
    await who.button(new RegExp(`^Enter as ${name}`)).click();
    await who.button("Sign out").waitFor();
  };

  it("[PG6] [PG17] one click enters as a person of the demo, whose token is fetched then and not before; signing out leaves nothing", async () => {
    let tokens = 0;
    who.page.on("request", (request) => {
      if (request.url().endsWith("/dev/token")) tokens += 1;
    });
    await who.page.goto(server.url);
    for (const name of ["Gwen", "Pia", "Paul", "Petra"]) await who.button(new RegExp(`^Enter as ${name}`)).waitFor();
    assert.equal(tokens, 0);
    assert.equal(await who.stored(), "[{},{},[]]");
    await who.button(/^Enter as Gwen/).click();
    await who.page.getByRole("heading", { name: "The Sunken Library" }).waitFor();
    assert.equal(tokens, 1);
    await who.page.reload();
    await who.page.getByRole("heading", { name: "The Sunken Library" }).waitFor();
    assert.equal(tokens, 1, "a reload keeps her signed in");
    assert.match(await who.stored(), /"campaign-live.token":"ey/);
    await who.isAccessible("the first page of a GM");
    await who.button("Sign out").click();
    await who.button(/^Enter as Gwen/).waitFor();
    assert.equal(await who.stored(), "[{},{},[]]");
    assert.equal(who.page.url(), `${server.url}/`);
    assert.deepEqual(who.unexpected(), []);
  });

  it("[PG6] a token that comes with the address is taken once and is gone from it, from the history and from what is loaded", async () => {
    const token = await server.tokenFor("gwen");
    await who.page.goto(`${server.url}/#token=${token}`);
    await who.page.getByRole("heading", { name: "The Sunken Library" }).waitFor();
    assert.equal(who.page.url(), `${server.url}/`);
    const seen = await who.page.evaluate(() => {
      const { performance, history, document } = globalThis as unknown as {
        performance: { getEntries(): { name: string }[] };
        history: { state: unknown };
        document: { referrer: string; title: string };
      };
      return JSON.stringify([
        performance.getEntries().map(({ name }) => name),
        history.state,
        document.referrer,
        document.title,
      ]);
    });
    assert.ok(!seen.includes(token.slice(0, 30)));
    await who.page
      .getByRole("link", { name: /^Table/ })
      .first()
      .click();
    await who.stands("Connected");
    assert.equal(
      await who.page.evaluate(() => (globalThis as unknown as { document: { referrer: string } }).document.referrer),
      "",
    );
    await who.page.goBack();
    assert.equal(who.page.url(), `${server.url}/`);
    assert.deepEqual(who.unexpected(), []);
  });

  it("[PG7] a GM makes a campaign and a session, adds a member, and goes on with an evening's table", async () => {
    await enter("Gwen");
    await who.button("New campaign").click();
    await who.field("Name").fill("Höhlen & Drachen 🐉");
    await who.button("Create").click();
    const campaign = who.page.getByRole("region", { name: "Höhlen & Drachen 🐉" });
    await campaign.getByRole("button", { name: "Add member" }).click();
    await who.field("User id").fill("zoe");
    await who.page.getByRole("combobox", { name: "Role" }).selectOption({ label: "Spectator" });
    await who.button("Add").click();
    await campaign.getByText("Members (2)").waitFor();
    await campaign.getByRole("button", { name: "New session" }).click();
    await who.field("Title").fill("One");
    await who.button("Create").click();
    const links = campaign.getByRole("listitem").filter({ hasText: "One" }).getByRole("link");
    await links.first().waitFor();
    assert.deepEqual(await links.allInnerTexts(), ["Console", "Table"]);

    const [, sessionId] = /console\/(.+)$/.exec((await links.first().getAttribute("href"))!)!;
    const gwen = new Person(server, "gwen", await server.tokenFor("gwen"));
    const seat = await gwen.join(sessionId!);
    await seat.command("set", { path: "shared/scene", value: "a cave" });
    await gwen.get("POST", `/api/sessions/${sessionId}/terminate`);
    await who.page.reload();
    await campaign.getByRole("button", { name: "Continue “One”" }).click();
    await who.field("Title").fill("Two");
    await who.button("Create").click();
    await campaign
      .getByRole("listitem")
      .filter({ hasText: "Two" })
      .getByRole("link", { name: /^Table/ })
      .click();
    await who.sees("shared/scene", "a cave");
    assert.deepEqual(who.unexpected(), []);
  });

  it("[PG8] an invite shows what it is for and uses nothing up; a guest gives a name, joins, and is kept by a reload", async () => {
    const evening = await Evening.prepare(server, { gm: "gwen", session: { title: "Cellar" } });
    const { token, url } = await evening.invite({ maxUses: 1 });
    await who.page.goto(url);
    await who.page.getByText("Cellar").waitFor();
    await who.page.reload();
    await who.field("Your name").waitFor();
    await who.isAccessible("an invite");
    await who.field("Your name").fill("Grete 🎲");
    await who.button("Join").click();
    await who.stands("Connected");
    assert.equal(who.page.url(), `${server.url}/play/${evening.sessionId}`);
    await who.person("Grete 🎲").waitFor();
    assert.ok(!(await who.stored()).includes(token), "the invite is done with");
    await who.page.reload();
    await who.stands("Connected");
    await who.person("Grete 🎲").waitFor();

    const other = await site.visitor();
    await other.page.goto(url);
    await other.page.getByRole("heading", { name: "This invite is not good any more" }).waitFor();
    assert.deepEqual(other.unexpected(/404 GET|status of 404/), []);
    assert.deepEqual(who.unexpected(), []);
  });

  it("[PG8] who is signed in joins by an invite at once; one to an ended session says so", async () => {
    const evening = await Evening.prepare(server, { gm: "gwen", session: { title: "Attic" } });
    const { url } = await evening.invite();
    await who.page.goto(`${url}#token=${await server.tokenFor("kim", { name: "Kim" })}`);
    await who.button("Join").click();
    await who.stands("Connected");
    await who.person("Kim").waitFor();
    await evening.step("terminate");
    await who.stands("Ended");
    assert.equal(await who.stored(), "[{},{},[]]", "the end leaves nothing");
    await who.page.goto(url);
    await who.page.getByText("It has ended").or(who.page.getByText("not good any more")).waitFor();
    assert.deepEqual(who.unexpected(/404 GET|status of 404/), []);
  });

  it("[PG9] the first load of the table is small", async () => {
    const session = await who.page.context().newCDPSession(who.page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
    const evening = await Evening.prepare(server, { gm: "gwen", members: { pia: "player" } });
    await who.page.goto(`${server.url}/play/${evening.sessionId}#token=${evening.person("pia").token}`);
    await who.stands("Connected");
    const { paint, blocked } = await who.page.evaluate(() => {
      const { performance } = globalThis as unknown as {
        performance: {
          getEntriesByName(name: string): { startTime: number }[];
          getEntriesByType(type: string): { duration: number }[];
        };
      };
      const tasks = performance.getEntriesByType("longtask");
      return {
        paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
        blocked: tasks.reduce((sum, { duration }) => sum + duration - 50, 0),
      };
    });
    console.log(
      `      ${Math.round(bytes / 1024)} KiB, first contentful paint ${Math.round(paint)} ms, blocked ${Math.round(blocked)} ms`,
    );
    assert.ok(bytes > 50_000 && bytes < 200_000, `${bytes} bytes`);
    assert.deepEqual(who.unexpected(), []);
  });
});
