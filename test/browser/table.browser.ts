import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { BrowserSite } from "./browser-site.ts";

/** What a browser says of a line that the test itself has cut. */
const CUT = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED/;

describe("the table in a real browser", function () {
  this.timeout(90_000);
  let site: BrowserSite;
  before(async function () {
    site = await BrowserSite.open(this);
  });
  after(() => site?.close());
  afterEach(() => site.closeVisitors());
  const at: BrowserSite["at"] = (...where) => site.at(...where);

  it("[PG10] [PG17] two see each other's changes, who made them and that all is saved and checked; a conflict is resolved by hand", async () => {
    const evening = await Evening.prepare(site.server, { gm: "gwen", members: { pia: "player", paul: "player" } });
    const [pia, paul] = await Promise.all([at(evening, "play", "pia"), at(evening, "play", "paul")]);
    await pia.set("shared/scene", "The Sunken Keep");
    await paul.sees("shared/scene", "The Sunken Keep");
    assert.match(await paul.row("shared/scene").innerText(), /pia/);
    await paul.page.getByText("saved · 1", { exact: true }).waitFor();
    await paul.page.getByRole("img", { name: /^Checked/ }).waitFor();
    await pia
      .person("paul")
      .filter({ hasText: /Player.*online/s })
      .waitFor();

    await paul.field("Path").fill("shared/scene");
    await paul.field("Value").fill("The Vault");
    await pia.person("paul").filter({ hasText: "typing" }).waitFor();
    await pia.set("shared/scene", "The Tower");
    await paul.sees("shared/scene", "The Tower");
    await paul.button("Set").click();
    const conflict = paul.page.getByRole("region", { name: "Conflict", exact: true });
    await conflict.filter({ hasText: /The Vault[\s\S]*The Tower/ }).waitFor();
    await paul.isAccessible("a conflict");
    await conflict.getByRole("button", { name: "Keep mine" }).click();
    await pia.sees("shared/scene", "The Vault");
    await conflict.waitFor({ state: "hidden" });

    await paul.field("Value").fill("no");
    await pia.set("shared/scene", "yes");
    await paul.sees("shared/scene", "yes");
    await paul.button("Set").click();
    await conflict.getByRole("button", { name: "Take theirs" }).click();
    await conflict.waitFor({ state: "hidden" });
    await paul.sees("shared/scene", "yes");
    assert.deepEqual([...pia.unexpected(), ...paul.unexpected()], []);
  });

  it("[PG11] a row is opened by a tap or by keys: a number counts, a list grows, JSON that is none is told", async () => {
    const evening = await Evening.prepare(site.server, { gm: "gwen", members: { pia: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    await gm.command("set", { path: "shared", value: { hp: 7, log: ["a"], o: {} } }).catch(() => {});
    for (const [path, value] of [
      ["shared/hp", 7],
      ["shared/list", ["a"]],
      ["shared/note", null],
    ] as const) {
      await gm.command("set", { path, value });
    }
    const pia = await at(evening, "play", "pia");
    await pia.button("One more: shared/hp").click();
    await pia.sees("shared/hp", "8");
    await pia.page.getByRole("button", { name: "shared", exact: true }).focus();
    await pia.page.keyboard.press("ArrowDown");
    await pia.page.keyboard.press("Enter");
    const dialog = pia.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "One less" }).click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await pia.sees("shared/hp", "7");
    await pia.page.keyboard.press("ArrowDown");
    await pia.page.keyboard.press("Enter");
    await dialog.getByRole("textbox", { name: "Append" }).fill("b");
    await pia.page.keyboard.press("Enter");
    await dialog.getByRole("listitem").filter({ hasText: "b" }).waitFor();
    await pia.page.keyboard.press("Escape");
    await pia.sees("shared/list", '["a","b"]');
    await pia.page.keyboard.press("ArrowDown");
    await pia.page.keyboard.press("Enter");
    await dialog.getByRole("textbox", { name: "JSON" }).fill("{oops");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").filter({ hasText: "This is no JSON" }).waitFor();
    await dialog.getByRole("textbox", { name: "JSON" }).fill("12.5");
    await dialog.getByRole("button", { name: "Save" }).click();
    await pia.sees("shared/note", "12.5");
    await gm.leave();
    assert.deepEqual(pia.unexpected(), []);
  });

  it("[PG12] who is cut off sees it, goes on, and is back by itself with what happened while away", async () => {
    const evening = await Evening.prepare(site.server, { gm: "gwen", members: { pia: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    const pia = await at(evening, "play", "pia");
    await pia.page.context().setOffline(true);
    await pia.stands(/Offline|Reconnecting/);
    const lost = pia.page.getByRole("region", { name: "The connection is lost" });
    await lost.filter({ hasText: /Next try in|Trying now/ }).waitFor();
    await pia.set("shared/mine", "made offline");
    await lost.filter({ hasText: "1 waiting to be sent" }).waitFor();
    await pia.sees("shared/mine", "not saved yet");
    await gm.command("set", { path: "shared/news", value: 1 });
    await pia.page.context().setOffline(false);
    await pia.stands("Connected");
    await pia.page
      .getByRole("region", { name: "While you were away" })
      .filter({ hasText: /shared\/news changed, by gwen|shared\/news changed, by Game Master/ })
      .waitFor();
    await gm.until("what was made offline", (state) => state.entries.has("shared/mine"));
    await gm.leave();
    assert.deepEqual(pia.unexpected(CUT), []);
  });
});
