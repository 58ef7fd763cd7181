import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { BrowserSite } from "./browser-site.ts";
import type { Visitor } from "./visitor.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** What a browser says of a line that was cut and of a server that was killed. */
const BROUGHT_ABOUT =
  /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|403|410/;

/** Everything of the pages once, as an evening goes: five people, a dead server, a change of GMs, an end. */
describe("a whole evening in five browsers", function () {
  this.timeout(240_000);
  let site: BrowserSite;
  let evening: Evening;
  let gwen: Visitor;
  let pia: Visitor;
  let paul: Visitor;
  let sam: Visitor;
  let grete: Visitor;
  const all = () => [gwen, pia, paul, sam, grete];

  before(async function () {
    site = await BrowserSite.open(this);
    evening = await Evening.prepare(site.server, {
      gm: "gwen",
      members: { pia: "player", paul: "player", sam: "spectator" },
      session: { title: "The long night", settings: { reconnectWindow: 120 } },
      isLive: false,
    });
  });
  after(() => site?.close());

  it("[PG15] a GM sets the table, and everybody comes: members, one on a phone, a guest by an invite, a spectator", async () => {
    gwen = await site.at(evening, "console", "gwen");
    await gwen.set("shared/scene", "An inn");
    await gwen.set("gm/secret", "the innkeeper is a ghost");
    await gwen.button("Start").click();
    await gwen.button("New invite").click();
    await gwen.button("Create").click();
    const url = await gwen.page.locator(".link-text").innerText();
    [pia, paul, sam] = await Promise.all([
      site.at(evening, "play", "pia"),
      site.at(evening, "play", "paul", PHONE),
      site.at(evening, "play", "sam"),
    ]);
    grete = await site.visitor();
    await grete.page.goto(url);
    await grete.field("Your name").fill("Grete");
    await grete.button("Join").click();
    await grete.stands("Connected");
    await gwen.person("Grete").waitFor();
    for (const name of ["Game Master", "pia", "paul", "sam", "Grete"])
      await paul.person(name).filter({ hasText: "online" }).waitFor();
    assert.equal(await sam.button("Set").count(), 0, "a spectator changes nothing");
  });

  it("[PG10] everybody plays: rows, steps, the log, a conflict by hand", async () => {
    await pia.set("players/pia/hp", "12");
    await pia.button("One less: players/pia/hp").click();
    await paul.sees("players/pia/hp", "11");
    await paul.page.getByRole("textbox", { name: "A line for the log" }).fill("We sleep in shifts.");
    await paul.button("Log").click();
    await sam.page.getByRole("region", { name: "Table log" }).getByText("We sleep in shifts.").waitFor();
    await grete.field("Path").fill("shared/scene");
    await grete.field("Value").fill("A cellar");
    await gwen.set("shared/scene", "A roof");
    await grete.sees("shared/scene", "A roof");
    await grete.button("Set").click();
    await grete.page.getByRole("region", { name: "Conflict" }).getByRole("button", { name: "Keep mine" }).click();
    for (const visitor of all()) await visitor.sees("shared/scene", "A cellar");
    assert.equal(await pia.row("gm/secret").count(), 0);
    await gwen.row("gm/secret").getByRole("button", { name: "Reveal gm/secret" }).click();
    await pia.sees("shared/secret", "the innkeeper is a ghost");
  });

  it("[PG12] one is offline for ten seconds and does something meanwhile", async () => {
    await paul.page.context().setOffline(true);
    await paul.stands(/Offline|Reconnecting/);
    await gwen.person("paul").filter({ hasText: "disconnected" }).waitFor({ timeout: 15_000 });
    await paul.set("shared/offline", "written in a tunnel");
    await pia.set("shared/meanwhile", "dawn");
    await paul.page.waitForTimeout(10_000);
    await paul.page.context().setOffline(false);
    await paul.stands("Connected");
    await paul.page.getByRole("region", { name: "While you were away" }).getByText("shared/meanwhile").waitFor();
    await pia.sees("shared/offline", "written in a tunnel");
  });

  it("[PG12] the server is killed and started again while all watch", async () => {
    const saved = await gwen.page.getByText(/^saved · \d+$/).innerText();
    await site.server.kill();
    for (const visitor of all()) await visitor.stands("Reconnecting");
    await pia.set("shared/dark", "said in the dark");
    await site.server.start();
    for (const visitor of all()) await visitor.stands("Connected", 30_000);
    for (const visitor of all()) await visitor.sees("shared/dark", "said in the dark");
    assert.notEqual(await gwen.page.getByText(/^saved · \d+$/).innerText(), saved);
    for (const visitor of all()) await visitor.page.getByRole("img", { name: /^Checked/ }).waitFor();
  });

  it("[PG15] a player goes on at a second device, and the GM's seat is handed over", async () => {
    const second = await site.at(evening, "play", "pia", PHONE);
    await gwen.person("pia").filter({ hasText: "2 devices" }).waitFor();
    await pia.close();
    pia = second;
    await gwen.confirm(gwen.person("pia").getByRole("button", { name: "Hand over to pia" }), "Hand over");
    await gwen.page.getByRole("heading", { name: "The console is for GMs" }).waitFor();
    await pia.page.getByRole("link", { name: "Console" }).click();
    await pia.stands("Connected");
    await pia.set("gm/mine-now", "a new plan");
    await pia.row("gm/mine-now").waitFor();
    await gwen.page.getByRole("link", { name: "To the table" }).click();
    await gwen.stands("Connected");
    assert.equal(await gwen.row("gm/mine-now").count(), 0);
  });

  it("[PG15] remove, ban, the end, history and verify; nothing is left in any browser, and nobody complained", async () => {
    await pia.confirm(pia.person("paul").getByRole("button", { name: "Remove paul" }), "Remove");
    await paul.stands("Removed");
    await pia.confirm(pia.person("Grete").getByRole("button", { name: "Ban Grete" }), "Ban");
    await grete.stands("Banned");
    await pia.confirm(pia.button("End session"), "End session");
    for (const visitor of [pia, gwen, sam]) await visitor.stands("Ended");
    await pia.page.getByRole("img", { name: /^Who was there when/ }).waitFor();
    await pia.page.getByRole("tab", { name: "Audit" }).click();
    await pia.button("Verify").click();
    await pia.page
      .getByRole("status")
      .filter({ hasText: /^valid · \d+ events$/ })
      .waitFor();
    for (const visitor of [pia, gwen, sam]) assert.equal(await visitor.stored(), "[{},{},[]]");
    for (const visitor of all()) assert.deepEqual(visitor.unexpected(BROUGHT_ABOUT), []);
  });
});
