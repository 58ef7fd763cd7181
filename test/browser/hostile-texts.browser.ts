import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { BrowserSite } from "./browser-site.ts";
import type { Visitor } from "./visitor.ts";

const MARKUP = "<img src=x onerror=globalThis.owned=1>";
const LINK = "javascript:globalThis.owned=1";
const LONG = `${MARKUP}${"🎲א".repeat(2_500)}`;
const BIDI = "\u202egnihton\u202c <script>globalThis.owned=1</script>";

/** An evening in which every text that anybody can put anywhere tries to be something else. */
describe("hostile texts in a real browser", function () {
  this.timeout(180_000);
  let site: BrowserSite;
  before(async function () {
    site = await BrowserSite.open(this);
  });
  after(() => site?.close());

  const owned = (visitor: Visitor) => visitor.page.evaluate(() => (globalThis as unknown as { owned?: number }).owned);

  it("[PG17] no text runs, none breaks the policy or the page, all are shown as what they are", async () => {
    const { server } = site;
    const evening = await Evening.prepare(server, { gm: "gm", session: { title: `${MARKUP} title` } });
    const campaign = `/api/campaigns/${evening.campaignId}/members`;
    const people = { "<b>ann": "Pia", "javascript:bob": MARKUP, zoe: "P\u200bia", eve: LINK };
    for (const [userId, name] of Object.entries(people)) {
      await evening.setMember(userId, "player", { name });
      await evening.gm.get("PUT", `${campaign}/${encodeURIComponent(userId)}`, { role: "player", name });
    }
    const invite = await evening.invite({ label: MARKUP, maxUses: 3 });
    const gm = await evening.gm.join(evening.sessionId, { client: MARKUP });
    const texts = {
      markup: MARKUP,
      link: LINK,
      long: LONG,
      bidi: BIDI,
      [MARKUP.replace("/", "")]: "path",
      [`${LINK}`]: "path",
    };
    for (const [name, value] of Object.entries(texts)) await gm.command("set", { path: `shared/${name}`, value });
    await gm.command("set", {
      path: "shared/log",
      value: [{ at: 1, by: "<b>ann", text: MARKUP }, { at: "x" }, null, LINK],
    });
    await gm.command("set", {
      path: "table/rolls",
      value: [{ n: 1, by: MARKUP, dice: MARKUP, rolled: [1], total: 1, at: 1 }, MARKUP],
    });
    await gm.command("set", { path: "private/<b>ann/notes", value: [MARKUP, { a: LINK }] });

    const bob = await site.at(evening, "play", "javascript:bob");
    const gwen = await site.visitor();
    await gwen.page.goto(`${server.url}/console/${evening.sessionId}#token=${evening.gm.token}`);
    await gwen.stands("Connected");
    const ann = await site.at(evening, "play", "<b>ann");
    await site.at(evening, "play", "zoe");
    await bob.sees("shared/markup", MARKUP);
    await bob.sees("shared/link", LINK);
    await gwen.row("shared/long").getByTitle("shared/long").click();
    await gwen.page.getByRole("textbox", { name: "Text" }).waitFor();
    await gwen.page.keyboard.press("Escape");
    for (const [path, value] of [
      ["shared/mine", MARKUP],
      [`shared/${LINK}`, BIDI],
    ] as const)
      await ann.set(path, value);
    await evening.step("pause", `${MARKUP} ${LINK}`);
    await bob.stands(`Paused: ${MARKUP}`);
    await evening.step("resume");

    // Two who look alike are told apart by their ids, for players too.
    await bob.person("<b>ann").filter({ hasText: "Pia" }).waitFor();
    await bob.person("zoe").waitFor();
    for (const tab of ["Invites", "History", "Audit", "Settings"]) {
      await gwen.page.getByRole("tab", { name: tab }).click();
      await gwen.page.waitForTimeout(300);
    }
    await gwen.confirm(gwen.person("zoe").getByRole("button", { name: /^Ban/ }), "Ban");
    await gwen.person("zoe").filter({ hasText: "banned" }).waitFor();

    await ann.field("Path").fill("shared/markup");
    await ann.field("Value").fill(LINK);
    await gm.command("set", { path: "shared/markup", value: BIDI });
    await ann.button("Set").click();
    await ann.page.getByRole("region", { name: "Conflict" }).waitFor();
    const guest = await site.visitor();
    await guest.page.goto(`${server.url}/invite/${invite.token}`);
    await guest.page.getByText(`${MARKUP} title`).waitFor();
    await guest.field("Your name").fill(`${MARKUP} guest`);
    await guest.button("Join").click();
    await guest.stands("Connected");
    await gwen.page.goto(server.url);
    await gwen.page.getByText(`${MARKUP} title`).waitFor();

    for (const visitor of [bob, gwen, ann, guest]) {
      assert.equal(await owned(visitor), undefined);
      assert.deepEqual(visitor.unexpected(/403/), []);
      assert.equal(await visitor.page.locator('[href^="javascript:"], img, iframe, [onerror]').count(), 0);
      assert.equal(await visitor.page.title(), "Campaign Live Sessions");
      const wide = await visitor.page.evaluate(() => {
        const { documentElement: root } = (
          globalThis as unknown as { document: { documentElement: { scrollWidth: number; clientWidth: number } } }
        ).document;
        return root.scrollWidth - root.clientWidth;
      });
      assert.ok(wide <= 0, `${wide} px too wide`);
    }
    await gm.leave();
  });
});
