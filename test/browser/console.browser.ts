import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { BrowserSite } from "./browser-site.ts";

describe("the console in a real browser", function () {
  this.timeout(90_000);
  let site: BrowserSite;
  before(async function () {
    site = await BrowserSite.open(this);
  });
  after(() => site?.close());
  afterEach(() => site.closeVisitors());
  const at: BrowserSite["at"] = (...where) => site.at(...where);

  it("[PG13] a pause is seen, explained at the place of the click, and taken back by one key", async () => {
    const evening = await Evening.prepare(site.server, { gm: "gwen", members: { pia: "player" } });
    const [gwen, pia] = await Promise.all([at(evening, "console", "gwen"), at(evening, "play", "pia")]);
    await gwen.field("Reason").fill("pizza");
    await gwen.button("Pause").click();
    await pia.stands("Connected · Paused: pizza");
    await pia.set("shared/x", "1");
    await pia.page.getByRole("alert").filter({ hasText: "The session is paused" }).waitFor();
    await gwen.page.keyboard.press("Escape");
    await gwen.page.locator("h1").click();
    await gwen.page.keyboard.press("p");
    await pia.stands(/^Connected$/);
    await pia.page.getByRole("alert").filter({ hasText: "The session is paused" }).waitFor({ state: "hidden" });
    await gwen.page.keyboard.press("p");
    await pia.stands(/Paused$/);
    await gwen.field("Path").fill("pp");
    await pia.stands(/Paused$/);
    assert.deepEqual([...gwen.unexpected(), ...pia.unexpected()], []);
  });

  it("[PG14] what is hidden is marked, never reaches a player's browser, and is revealed by a click", async () => {
    const evening = await Evening.prepare(site.server, { gm: "gwen", members: { pia: "player" } });
    const canary = "canary-7f3a";
    const gwen = await at(evening, "console", "gwen");
    const pia = await site.visitor();
    const session = await pia.page.context().newCDPSession(pia.page);
    await session.send("Network.enable");
    const received: string[] = [];
    session.on("Network.webSocketFrameReceived", ({ response }) =>
      received.push(response.payloadData, Buffer.from(response.payloadData, "base64").toString("latin1")),
    );
    pia.page.on(
      "response",
      (answer) =>
        void answer.text().then(
          (text) => received.push(text),
          () => {},
        ),
    );
    await pia.page.goto(`${site.server.url}/play/${evening.sessionId}#token=${evening.person("pia").token}`);
    await pia.stands("Connected");
    await gwen.set("gm/ambush", canary);
    await gwen.set("private/gwen/note", canary);
    await gwen.set("shared/plain", "everybody");
    await pia.sees("shared/plain", "everybody");
    assert.ok(
      received.some((text) => text.includes("everybody")),
      "frames are read as they are",
    );
    assert.ok(!received.some((text) => text.includes(canary)));
    assert.ok(!(await pia.page.content()).includes(canary));
    await gwen.row("gm/ambush").filter({ hasText: "GMs only" }).waitFor();
    await gwen.row("gm/ambush").getByRole("button", { name: "Reveal gm/ambush" }).click();
    await pia.sees("shared/ambush", canary);
    assert.deepEqual([...gwen.unexpected(), ...pia.unexpected()], []);
  });

  it("[PG15] [PG17] the console: invites with link and code, roles, remove, ban and unban, settings, history, audit, the end", async () => {
    const evening = await Evening.prepare(site.server, {
      gm: "gwen",
      members: { pia: "player", paul: "player" },
      isLive: false,
    });
    const [gwen, pia] = await Promise.all([at(evening, "console", "gwen"), at(evening, "play", "pia")]);
    await gwen.button("Start").click();
    await gwen.button("Pause").waitFor();
    await gwen.button("New invite").click();
    assert.equal(await gwen.page.getByRole("spinbutton", { name: "Uses" }).inputValue(), "8");
    await gwen.button("Create").click();
    await gwen.button("Copy link").waitFor();
    await gwen.page.getByRole("img", { name: "The invite as a QR code" }).waitFor();
    const url = await gwen.page.locator(".link-text").innerText();
    assert.match(url, new RegExp(`^${site.server.url}/invite/[\\w-]+$`));
    await gwen.isAccessible("the console");
    await gwen.confirm(gwen.button("Revoke this invite"), "Revoke");
    await gwen.page.getByRole("list", { name: "Invites" }).getByText("revoked").waitFor();

    await gwen.person("pia").getByRole("combobox", { name: "Role of pia" }).selectOption({ label: "Spectator" });
    await pia.button("Set").waitFor({ state: "hidden" });
    await gwen.confirm(gwen.person("pia").getByRole("button", { name: "Remove pia" }), "Remove");
    await pia.stands("Removed");
    await pia.button("Sit down again").click();
    await pia.stands("Connected");
    await gwen.confirm(gwen.person("pia").getByRole("button", { name: "Ban pia" }), "Ban");
    await pia.stands("Banned");
    await pia.page.reload();
    await pia.stands("Banned");
    await gwen.person("pia").getByRole("button", { name: "Unban pia" }).click();
    await gwen.person("pia").waitFor({ state: "hidden" });
    await pia.page.reload();
    await pia.stands("Connected");

    await gwen.page.getByRole("tab", { name: "Settings" }).click();
    await gwen.field("Title").fill("The last evening");
    await gwen.button("Save").click();
    await pia.page.getByRole("heading", { name: "The last evening" }).waitFor();
    await gwen.page.getByRole("tab", { name: "History" }).click();
    await gwen.page.getByRole("img", { name: /^Who was there when/ }).waitFor();
    await gwen.confirm(gwen.button("End session"), "End session");
    await pia.stands("Ended");
    await gwen.stands("Ended");
    await gwen.page.getByRole("tab", { name: "Audit" }).click();
    await gwen.button("Verify").click();
    await gwen.page
      .getByRole("status")
      .filter({ hasText: /^valid · \d+ events$/ })
      .waitFor();
    assert.equal(await gwen.stored(), "[{},{},[]]");
    assert.equal(await pia.stored(), "[{},{},[]]");
    assert.deepEqual([...gwen.unexpected(), ...pia.unexpected(/403/)], []);
  });
});
