import type { Browser } from "playwright-core";
import type { Evening } from "../support/evening.ts";
import { type ServerOptions, ServerProcess } from "../support/server.ts";
import { launchChromium, needsChromium } from "./chromium.ts";
import { Visitor } from "./visitor.ts";

/** A server and a browser for the visitors of one test file. */
export class BrowserSite {
  readonly server: ServerProcess;
  readonly #browser: Browser;
  #visitors: Visitor[] = [];

  private constructor(server: ServerProcess, browser: Browser) {
    this.server = server;
    this.#browser = browser;
  }

  /** Skips the suite where there is no Chromium. */
  static async open(
    suite: Mocha.Context,
    options: ServerOptions = { env: { GUESTS: "on", RATE_JOINS_PER_USER: "0" } },
  ): Promise<BrowserSite> {
    const path = needsChromium(suite);
    const [server, browser] = await Promise.all([ServerProcess.start(options), launchChromium(path)]);
    return new BrowserSite(server, browser);
  }

  /** Somebody new, in a browser context of their own. */
  async visitor(options: Parameters<typeof Visitor.open>[1] = {}): Promise<Visitor> {
    const visitor = await Visitor.open(this.#browser, options);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** A member of the evening, signed in and connected. */
  async at(evening: Evening, page: "play" | "console", userId: string, options?: Parameters<typeof Visitor.open>[1]) {
    const visitor = await this.visitor(options);
    await visitor.page.goto(`${this.server.url}/${page}/${evening.sessionId}#token=${evening.person(userId).token}`);
    await visitor.stands("Connected");
    return visitor;
  }

  async closeVisitors(): Promise<void> {
    for (const visitor of this.#visitors.splice(0)) await visitor.close();
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.dispose();
  }
}
