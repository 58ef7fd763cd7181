import assert from "node:assert/strict";
import { BrowserSite } from "./browser-site.ts";
import type { Visitor } from "./visitor.ts";

const MOST_STOPS = 120;
/** Nobody's keys wait for a frame: on a busy machine some come between two. */
const SLOW_FRAME_MS = 150;

/** A person who has a keyboard and nothing else. */
class Typist {
  readonly #who: Visitor;

  constructor(who: Visitor) {
    this.#who = who;
  }

  /** Goes on by Tab until the focus is on what is called so. @throws where it is nowhere on the way around */
  async to(name: RegExp): Promise<void> {
    const seen: string[] = [];
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      const here = await this.#focused();
      if (name.test(here)) return;
      seen.push(here);
      await this.#who.page.keyboard.press("Tab");
    }
    throw new Error(`${name} is no stop of Tab: ${[...new Set(seen)].join(" | ")}`);
  }

  async press(name: RegExp, key = "Enter"): Promise<void> {
    await this.to(name);
    await this.#who.page.keyboard.press(key);
  }

  async type(name: RegExp, text: string): Promise<void> {
    await this.to(name);
    await this.#who.page.keyboard.type(text);
  }

  async keys(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#who.page.keyboard.press(key);
  }

  /** What the browser itself calls the element that has the focus. */
  async #focused(): Promise<string> {
    return await this.#who.page.evaluate(() => {
      const { document } = globalThis as unknown as {
        document: {
          activeElement: {
            getAttribute(name: string): string | null;
            labels?: Iterable<{ textContent: string }>;
            textContent: string;
            tagName: string;
          } | null;
          getElementById(id: string): { textContent: string } | null;
        };
      };
      const element = document.activeElement;
      if (element === null) return "";
      const by = element
        .getAttribute("aria-labelledby")
        ?.split(" ")
        .map((id) => document.getElementById(id)?.textContent ?? "");
      const labels = [...(element.labels ?? [])].map(({ textContent }) => textContent);
      return (
        element.getAttribute("aria-label") ??
        by?.join(" ") ??
        (labels.length > 0 ? labels.join(" ") : element.textContent)
      ).trim();
    });
  }
}

describe("an evening's GM with a keyboard alone", function () {
  this.timeout(180_000);
  let site: BrowserSite;
  before(async function () {
    site = await BrowserSite.open(this, { devLogin: true });
  });
  after(() => site?.close());

  it("[PG22] signs in, opens the console, starts, writes, opens rows, invites, pauses, asks the audit, ends", async () => {
    const who = await site.visitor();
    await who.page.addInitScript((slowMs) => {
      const web = globalThis as unknown as { requestAnimationFrame(frame: (at: number) => void): number };
      const soon = web.requestAnimationFrame.bind(web);
      web.requestAnimationFrame = (frame) => soon(() => setTimeout(() => frame(performance.now()), slowMs));
    }, SLOW_FRAME_MS);
    const gwen = new Typist(who);
    await who.page.goto(site.server.url);
    await who.button(/^Enter as Gwen/).waitFor();
    await gwen.press(/^Enter as Gwen/);
    await who.button("Sign out").waitFor();
    await who.page.getByRole("link", { name: /^Console/ }).waitFor();
    await gwen.press(/^Console/);
    await who.stands("Connected");
    await gwen.press(/^Start$/);
    await who.button("Pause").waitFor();

    await gwen.type(/^Path$/, "shared/hp");
    await gwen.type(/^Value$/, "7");
    await gwen.keys("Enter");
    await who.sees("shared/hp", "7");
    await gwen.to(/^shared$/);
    await gwen.keys("ArrowDown", "Tab", "Tab", "Enter");
    await who.sees("shared/hp", "8");
    await gwen.to(/^shared$|^shared\/hp$/);
    await gwen.keys("ArrowUp", "ArrowLeft");
    await who.row("shared/hp").waitFor({ state: "hidden" });
    await gwen.keys("ArrowRight", "ArrowDown", "Enter");
    await gwen.type(/^Number$/, "");
    await gwen.keys("ArrowUp");
    await gwen.press(/^Save$/);
    await who.sees("shared/hp", "9");

    await gwen.press(/^New invite$/);
    await gwen.type(/^Label/, "for Kim");
    await gwen.keys("Enter");
    await gwen.to(/^Copy link$/);
    await gwen.to(/^Invites$/);
    await gwen.keys("ArrowRight", "ArrowRight");
    await gwen.press(/^Verify$/);
    await who.page
      .getByRole("status")
      .filter({ hasText: /^valid/ })
      .waitFor();
    await gwen.keys("p");
    await who.stands("Connected · Paused");
    await gwen.keys("p");
    await who.stands(/^Connected$/);
    await gwen.press(/^End session$/);
    await gwen.press(/^Cancel$/);
    assert.equal(await who.page.getByRole("dialog").count(), 0);
    await gwen.press(/^End session$/);
    await gwen.keys("Tab");
    await gwen.press(/^End session$/);
    await who.stands("Ended");
    await gwen.press(/^Sign out$/);
    await who.button(/^Enter as Gwen/).waitFor();
    assert.deepEqual(who.unexpected(), []);
  });
});
