import { Evening } from "../support/evening.ts";
import { BrowserSite } from "./browser-site.ts";
import type { Visitor } from "./visitor.ts";

describe("every state of the pages, looked over by axe in both themes and at 360 px", function () {
  this.timeout(180_000);
  let site: BrowserSite;
  before(async function () {
    site = await BrowserSite.open(this, { devLogin: true });
  });
  after(() => site?.close());
  afterEach(() => site.closeVisitors());

  it("[PG17] the first page, signed out and in, its dialogs, and an invite that is not good", async () => {
    const gwen = await site.visitor();
    await gwen.page.goto(site.server.url);
    await gwen.button(/^Enter as Gwen/).waitFor();
    await gwen.isAccessible("the first page, nobody signed in");
    await gwen.button(/^Enter as Gwen/).click();
    await gwen.button("New campaign").click();
    await gwen.isAccessible("a new campaign");
    await gwen.page.keyboard.press("Escape");
    await gwen.button("New session").click();
    await gwen.isAccessible("a new session");
    await gwen.page.keyboard.press("Escape");
    await gwen.page.getByText(/^Members/).click();
    await gwen.isAccessible("the members");
    await gwen.button("Add member").click();
    await gwen.isAccessible("a new member");
    await gwen.page.goto(`${site.server.url}/invite/nothing`);
    await gwen.page.getByRole("heading", { name: "This invite is not good any more" }).waitFor();
    await gwen.isAccessible("an invite that is not good");
    const nobody = await site.visitor();
    await nobody.page.goto(`${site.server.url}/play/nothing`);
    await nobody.stands("Signed out");
    await nobody.isAccessible("a table before signing in");
    await nobody.button(/^Enter as Pia/).click();
    await nobody.stands("Not found");
    await nobody.isAccessible("a table that is not there");
  });

  it("[PG17] the table: in the lobby, with an entry open, paused, cut off, taken away, full, at the end", async () => {
    const evening = await Evening.prepare(site.server, {
      gm: "gwen",
      members: { pia: "player", sam: "spectator" },
      isLive: false,
    });
    const gm = await evening.gm.join(evening.sessionId);
    for (const [path, value] of Object.entries({
      "shared/text": "a text",
      "shared/list": [1, "b"],
      "shared/json": null,
      "shared/flag": true,
      "shared/hp": 7,
    })) {
      await gm.command("set", { path, value });
    }
    const pia = await site.at(evening, "play", "pia");
    await pia.isAccessible("the lobby");
    await evening.step("start");
    for (const name of ["text", "list", "json", "flag", "hp"]) {
      await pia.row(`shared/${name}`).getByTitle(`shared/${name}`).click();
      await pia.isAccessible(`an editor of shared/${name}`);
      await pia.page.keyboard.press("Escape");
    }
    const sam = await site.at(evening, "play", "sam");
    await sam.isAccessible("a spectator's table");
    await evening.step("pause", "pizza");
    await pia.set("shared/x", "1");
    await pia.page.getByRole("alert").filter({ hasText: "The session is paused" }).waitFor();
    await pia.isAccessible("a paused table");
    await pia.page.context().setOffline(true);
    await pia.stands(/Offline|Reconnecting/);
    await pia.set("shared/mine", "2");
    await pia.isAccessible("a lost connection");
    await pia.page.context().setOffline(false);
    await pia.stands("Connected");
    const dismissed = (visitor: Visitor) => visitor.page.keyboard.press("Escape");
    await dismissed(pia);
    await evening.gm.get("POST", `${evening.path}/participants/pia/remove`, { ban: false });
    await pia.stands("Removed");
    await pia.isAccessible("being removed");
    await evening.gm.get("PATCH", evening.path, { maxParticipants: 1 });
    await pia.button("Sit down again").click();
    await pia.stands("Full");
    await pia.isAccessible("a full table");
    await evening.gm.get("POST", `${evening.path}/participants/pia/remove`, { ban: true });
    await pia.button("Try again").click();
    await pia.stands("Banned");
    await pia.isAccessible("being banned");
    await evening.step("terminate");
    await sam.stands("Ended");
    await sam.isAccessible("the end");
  });

  it("[PG17] the console: each tab, each question, and after the end", async () => {
    const evening = await Evening.prepare(site.server, { gm: "gwen", members: { pia: "player" }, isLive: false });
    const gwen = await site.at(evening, "console", "gwen");
    const pia = await site.at(evening, "play", "pia");
    await gwen.isAccessible("before the start");
    await gwen.button("Start").click();
    await gwen.set("gm/ambush", "wolves");
    await gwen.row("gm/ambush").waitFor();
    await gwen.button("New invite").click();
    await gwen.isAccessible("a new invite");
    await gwen.button("Create").click();
    await gwen.button("Copy link").waitFor();
    await gwen.isAccessible("an invite's link");
    for (const [button, dialog] of [
      ["Remove pia", "Remove"],
      ["Ban pia", "Ban"],
      ["Hand over to pia", "Hand over"],
      ["End session", "End session"],
    ] as const) {
      await gwen.button(button).click();
      await gwen.page.getByRole("dialog").getByRole("button", { name: dialog, exact: true }).waitFor();
      await gwen.isAccessible(`the question before ${dialog}`);
      await gwen.button("Cancel").click();
    }
    for (const tab of ["History", "Audit", "Settings"]) {
      await gwen.page.getByRole("tab", { name: tab }).click();
      await gwen.page.getByRole("tabpanel").getByRole("button").first().waitFor();
      await gwen.isAccessible(tab);
    }
    await gwen.confirm(gwen.button("Ban pia"), "Ban");
    await pia.stands("Banned");
    await gwen.button("Unban pia").waitFor();
    await gwen.isAccessible("with somebody banned");
    await gwen.confirm(gwen.button("End session"), "End session");
    await gwen.stands("Ended");
    await gwen.page.getByRole("tab", { name: "Entries" }).click();
    await gwen.button("Show the table as it was left").click();
    await gwen.page.getByText("wolves").waitFor();
    await gwen.isAccessible("after the end");
  });
});
