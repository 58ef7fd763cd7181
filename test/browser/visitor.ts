import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What the checks from outside have as the narrowest screen. */
const NARROW_PX = 360;
const WORD_MS = 8_000;

/** What a person's browser complained about: none of it may be, unless a test brings it about. */
export interface Complaint {
  readonly what: "console" | "error" | "policy" | "request" | "answer";
  readonly text: string;
}

/** Somebody with a browser of their own, at a page of ours. */
export class Visitor {
  readonly page: Page;
  readonly complaints: Complaint[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    const visitor = new Visitor(page);
    const complain = (what: Complaint["what"], text: string) => void visitor.complaints.push({ what, text });
    page.on("console", (message) => {
      if (message.type() === "error")
        complain(message.text().includes("Content Security Policy") ? "policy" : "console", message.text());
    });
    page.on("pageerror", (error) => complain("error", String(error.stack ?? error)));
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // A page that is left or loaded anew lets go of what it has asked for.
      if (why !== "net::ERR_ABORTED") complain("request", `${request.url()} ${why}`);
    });
    page.on("response", (answer) => {
      if (answer.status() >= 400) complain("answer", `${answer.status()} ${answer.request().method()} ${answer.url()}`);
    });
    return visitor;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", typeof name === "string" ? { name, exact: true } : { name });
  }

  field(name: string): Locator {
    return this.page.getByRole("textbox", { name, exact: true });
  }

  /** The one status of the page. */
  get status(): Locator {
    return this.page.locator(".standing").getByRole("status");
  }

  async stands(word: string | RegExp, withinMs = WORD_MS): Promise<void> {
    await this.status.filter({ hasText: word }).waitFor({ timeout: withinMs });
  }

  person(name: string): Locator {
    return this.page.getByRole("list", { name: "People" }).getByRole("listitem").filter({ hasText: name });
  }

  row(path: string): Locator {
    return this.page
      .getByRole("table", { name: "Entries" })
      .getByRole("row")
      .filter({ has: this.page.getByTitle(path, { exact: true }) });
  }

  /** Waits until a row shows a value. */
  async sees(path: string, value: string | RegExp): Promise<void> {
    await this.row(path).filter({ hasText: value }).waitFor({ timeout: WORD_MS });
  }

  async set(path: string, value: string): Promise<void> {
    await this.field("Path").fill(path);
    await this.field("Value").fill(value);
    await this.button("Set").click();
  }

  /** Presses a button and, where it asks, the one of the same name in its dialog. */
  async confirm(button: Locator, name: string): Promise<void> {
    await button.click();
    await this.page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
    await this.page.getByRole("dialog").waitFor({ state: "hidden" });
  }

  /** What the browser's stores hold, with all keys and values. */
  async stored(): Promise<string> {
    return await this.page.evaluate(async () => {
      const web = globalThis as unknown as {
        sessionStorage: object;
        localStorage: object;
        indexedDB: { databases(): Promise<unknown[]> };
      };
      return JSON.stringify([{ ...web.sessionStorage }, { ...web.localStorage }, await web.indexedDB.databases()]);
    });
  }

  /** Nothing serious or critical in both themes, and no way to scroll sideways on a narrow screen. */
  async isAccessible(what: string): Promise<void> {
    const before = this.page.viewportSize();
    for (const colorScheme of ["dark", "light"] as const) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await this.page.evaluate(AXE);
      const { violations } = await this.page.evaluate(() =>
        (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(
        grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`),
        [],
        `${what}, ${colorScheme}`,
      );
    }
    await this.page.setViewportSize({ width: NARROW_PX, height: 740 });
    const wide = await this.page.evaluate(() => {
      const root = (globalThis as unknown as { document: { documentElement: { scrollWidth: number } } }).document
        .documentElement;
      return root.scrollWidth;
    });
    assert.ok(wide <= NARROW_PX, `${what} is ${wide} px wide on a screen of ${NARROW_PX}`);
    if (before !== null) await this.page.setViewportSize(before);
  }

  /** What was complained about, but for what the test brought about itself. */
  unexpected(expected: RegExp = /(?!)/): string[] {
    return this.complaints.map(({ what, text }) => `${what}: ${text}`).filter((one) => !expected.test(one));
  }
}
