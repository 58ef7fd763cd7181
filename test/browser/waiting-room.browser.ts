import assert from "node:assert/strict";
import { Evening } from "../support/evening.ts";
import { BrowserSite } from "./browser-site.ts";

/** What a stranger may write about themselves. */
const MARKUP = `<img src=x onerror="document.title='run'">`;

describe("the waiting room in a real browser", function () {
  this.timeout(90_000);
  let site: BrowserSite;
  before(async function () {
    site = await BrowserSite.open(this);
  });
  after(() => site?.close());
  afterEach(() => site.closeVisitors());

  const prepare = () =>
    Evening.prepare(site.server, {
      gm: "gwen",
      members: { pia: "player", paul: "player" },
      session: { settings: { admission: "approve" } },
    });
  const play = async (evening: Evening, userId: string) => {
    const visitor = await site.visitor();
    await visitor.page.goto(`${site.server.url}/play/${evening.sessionId}#token=${evening.person(userId).token}`);
    return visitor;
  };

  it("[PG16] [PG40] a guest comes by an invite, waits, says a word; the GM reads it, admits, and they sit at the table", async () => {
    const evening = await prepare();
    const { url } = await evening.invite({ maxUses: 5 });
    const gwen = await site.at(evening, "console", "gwen");
    assert.equal(await gwen.page.getByRole("combobox", { name: "Admission" }).inputValue(), "approve");
    const guest = await site.visitor({ viewport: { width: 390, height: 800 } });
    await guest.page.goto(url);
    await guest.field("Your name").fill(MARKUP);
    await guest.button("Join").click();
    await guest.stands("Waiting");
    await guest.page.getByText("The GM knows that you are here").waitFor();
    await guest.isAccessible("the page of somebody who waits");
    await guest.field("A word for the GM").fill(`${MARKUP} javascript:alert(1)`);
    await guest.button("Send").click();
    await guest.page.getByText("The GM can read it.").waitFor();
    const waiting = gwen.page.getByRole("list", { name: "Waiting" }).getByRole("listitem");
    await waiting.filter({ hasText: `${MARKUP} javascript:alert(1)` }).waitFor();
    await waiting.filter({ hasText: "guest:" }).waitFor();
    assert.equal(await gwen.page.locator("img[src='x']").count(), 0);
    assert.equal(await gwen.button("Sound off").getAttribute("aria-pressed"), "false");
    await gwen.isAccessible("the console with somebody who waits");
    await guest.page.reload();
    await guest.stands("Waiting");
    assert.equal(await waiting.count(), 1);
    await waiting.getByRole("button", { name: /^Admit / }).click();
    await guest.stands("Connected");
    await waiting.waitFor({ state: "hidden" });
    await gwen.page.getByRole("list", { name: "People" }).getByText(MARKUP).waitFor();
    for (const { page } of [gwen, guest]) assert.doesNotMatch(await page.title(), /run/);
    assert.deepEqual([...gwen.unexpected(), ...guest.unexpected(/403/)], []);
  });

  it("[PG16] [PG41] who is denied reads what they can do and may ask again; all are admitted at once, or by opening the door", async () => {
    const evening = await prepare();
    const gwen = await site.at(evening, "console", "gwen");
    const [pia, paul] = await Promise.all([play(evening, "pia"), play(evening, "paul")]);
    await Promise.all([pia.stands("Waiting"), paul.stands("Waiting")]);
    await gwen.button("Deny pia").click();
    await pia.stands("Denied");
    await pia.page.getByText("The GM did not let you in").waitFor();
    await pia.isAccessible("the page of somebody who was denied");
    await pia.button("Ask again").click();
    await pia.stands("Denied");
    await gwen.button("Admit all").click();
    await paul.stands("Connected");
    await gwen.page.getByRole("combobox", { name: "Admission" }).selectOption("open");
    await pia.button("Ask again").click();
    await pia.stands("Connected");
    assert.deepEqual([...gwen.unexpected(), ...pia.unexpected(/403/), ...paul.unexpected(/403/)], []);
  });

  it("[PG16] [PG42] who waits is told of a ban and of the end, and comes in when the door is opened", async () => {
    const evening = await prepare();
    const [pia, paul] = await Promise.all([play(evening, "pia"), play(evening, "paul")]);
    await Promise.all([pia.stands("Waiting"), paul.stands("Waiting")]);
    await evening.gm.get("POST", `${evening.path}/participants/pia/remove`, { ban: true });
    await pia.stands("Banned");
    await evening.gm.get("PATCH", evening.path, { settings: { admission: "open" } });
    await paul.stands("Connected");
    await evening.gm.get("PATCH", evening.path, { settings: { admission: "approve" } });
    await evening.gm.get("POST", `${evening.path}/participants/paul/remove`, {});
    await paul.stands("Removed");
    await paul.button("Sit down again").click();
    await paul.stands("Waiting");
    await evening.step("terminate");
    await paul.stands("Ended");
    assert.equal(await paul.stored(), "[{},{},[]]");
    assert.deepEqual([...pia.unexpected(/40[39]/), ...paul.unexpected(/40[34]|410/)], []);
  });
});
