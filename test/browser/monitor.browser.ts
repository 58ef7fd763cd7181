import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { Evening } from "../support/evening.ts";
import { ServerProcess } from "../support/server.ts";
import { BrowserSite } from "./browser-site.ts";

describe("the monitor in a real browser", function () {
  this.timeout(90_000);
  let site: BrowserSite;
  before(async function () {
    site = await BrowserSite.open(this);
  });
  after(() => site?.close());
  afterEach(() => site.closeVisitors());

  const room = (page: Page, title: string) => page.getByRole("row").filter({ hasText: title });

  it("[PG43] the console's link opens the panel by a ticket: the GM's own rooms, their sockets, and one that can be closed", async () => {
    const title = "Seen evening";
    const evening = await Evening.prepare(site.server, {
      gm: "gwen",
      members: { pia: "player" },
      session: { title },
    });
    const other = await Evening.prepare(site.server, { gm: "otto", session: { title: "Unseen evening" } });
    const [gwen, pia] = [await site.at(evening, "console", "gwen"), await site.at(evening, "play", "pia")];
    await site.at(other, "console", "otto");
    const opened = gwen.page.context().waitForEvent("page");
    await gwen.page.getByRole("link", { name: "Monitor" }).click();
    const panel = await opened;
    const complaints: string[] = [];
    panel.on("console", (message) => {
      if (message.type() === "error") complaints.push(`${message.text()} ${message.location().url}`);
    });
    panel.on("pageerror", (error) => complaints.push(String(error)));
    const elsewhere: string[] = [];
    panel.on("request", (request) => {
      if (!request.url().startsWith(site.server.url)) elsewhere.push(request.url());
    });
    await room(panel, title).waitFor();
    assert.equal(new URL(panel.url()).pathname, "/monitor/");
    assert.equal(new URL(panel.url()).search, "", "the ticket is in no address any more");
    assert.equal(await room(panel, "Unseen evening").count(), 0);
    assert.equal(
      await panel.getByText("CPU", { exact: true }).isVisible(),
      false,
      "a GM is told nothing of the machine",
    );
    assert.equal(await panel.locator('[data-field="Dispose"]:visible').count(), 0);
    await room(panel, title).getByRole("button", { name: "Inspect" }).click();
    await panel.getByText(`Room ${evening.sessionId}`).waitFor();
    for (const name of ["Broadcast", "Dispose", "Send"]) {
      assert.equal(await panel.getByRole("button", { name, exact: true }).count(), 0, name);
    }
    assert.ok(!(await panel.content()).includes("pia's secret"));
    await panel.getByText(/^pia · /).waitFor();
    await panel.getByRole("tab", { name: "State" }).click();
    await panel.getByText("participants").waitFor();
    assert.equal(await panel.locator(".jer-edit-buttons:visible").count(), 0);
    await panel.getByRole("tab", { name: "Clients" }).click();
    const seats = panel.getByRole("button", { name: "Disconnect client" });
    await seats.first().waitFor();
    assert.equal(await seats.count(), 2);
    const back = pia.page.waitForEvent("websocket");
    // By the keyboard: the first one's tooltip would lie over the second.
    for (let n = 0; n < 2; n++) await seats.nth(n).press("Enter");
    await back;
    await pia.stands("Connected");
    await gwen.stands("Connected");
    assert.deepEqual([complaints, elsewhere], [[], []]);
    const log = await evening.events();
    assert.equal(log.filter(({ kind }) => kind === "participant.left").length, 0);
    await evening.gm.get("PUT", `/api/campaigns/${evening.campaignId}/members/otto`, { role: "gm" });
    await evening.gm.get("DELETE", `/api/campaigns/${evening.campaignId}/members/gwen`);
    await panel.getByRole("heading", { name: "Monitor" }).waitFor({ timeout: 12_000 });
    await panel.getByRole("alert").filter({ hasText: "not a GM of any campaign" }).waitFor();
  });

  it("[PG44] in dev login one is a person of the demo by a click, GM or not", async () => {
    const dev = await ServerProcess.start({ devLogin: true });
    try {
      const visitor = await site.visitor();
      await visitor.page.goto(`${dev.url}/monitor/`);
      await visitor.button("Enter as Pia").click();
      await visitor.page.getByRole("alert").filter({ hasText: "for operators and for GMs" }).waitFor();
      await visitor.button("Enter as Gwen").click();
      await visitor.page.getByText("No active rooms.").waitFor();
      assert.equal(new URL(visitor.page.url()).pathname, "/monitor/");
    } finally {
      await dev.dispose();
    }
  });

  it("[PG44] signing in with a token on the monitor's own page; a page of a sibling of ours reads and closes nothing", async () => {
    const title = "Watched evening";
    const evening = await Evening.prepare(site.server, { gm: "gwen", session: { title } });
    const gwen = await site.at(evening, "console", "gwen");
    const visitor = await site.visitor();
    await visitor.page.goto(`${site.server.url}/monitor`);
    await visitor.isAccessible("the page on which one signs in to the monitor");
    await visitor.field("Token").fill("no.such.token");
    await visitor.button("Sign in").click();
    await visitor.page.getByRole("alert").filter({ hasText: "not good" }).waitFor();
    await visitor.field("Token").fill(await site.server.tokenFor("op", { roles: ["operator"] }));
    await visitor.button("Sign in").click();
    await room(visitor.page, title).waitFor();
    await visitor.page.getByText("CPU", { exact: true }).waitFor();
    // Another port of this host is the same site: its pages send the cookie along, and get nothing for it.
    const sibling = await ServerProcess.start();
    try {
      await visitor.page.goto(`${sibling.url}/healthz`);
      const seen = await visitor.page.evaluate(
        async ({ url, id }) => {
          const asked = [
            `${url}/monitor/api`,
            `${url}/monitor/api/room/call?roomId=${id}&method=_forceClientDisconnect&args=[]`,
          ];
          const told: string[] = [];
          for (const address of asked) {
            for (const mode of ["cors", "no-cors"] as const) {
              const answer = await fetch(address, { mode, credentials: "include" }).catch(() => undefined);
              told.push(answer === undefined ? "nothing" : await answer.text());
            }
          }
          return told;
        },
        { url: site.server.url, id: evening.sessionId },
      );
      for (const text of seen) assert.ok(text === "nothing" || text === "", text);
    } finally {
      await sibling.dispose();
    }
    await gwen.stands("Connected");
  });
});
