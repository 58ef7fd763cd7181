// `npm run screenshots`: the main pages with an evening on them, light and dark, laptop and phone, into docs/images/.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Evening } from "../support/evening.ts";
import { ServerProcess } from "../support/server.ts";
import { chromiumPath, launchChromium } from "./chromium.ts";
import { Visitor } from "./visitor.ts";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const DICE = fileURLToPath(new URL("../../examples/actions/dice.ts", import.meta.url));
const LAPTOP = { viewport: { width: 1280, height: 800 }, locale: "en-GB", reducedMotion: "reduce" as const };
const PHONE = { ...LAPTOP, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const TABLE = {
  "shared/scene": "The drowned reading room",
  "shared/torches": 3,
  "shared/map": { scale: 2, fog: true, lights: ["lamp", "moonlight"] },
  "players/pia": { hp: 17, ac: 15 },
  "players/paul": { hp: 9, ac: 12, conditions: ["blessed"] },
  "gm/ambush": { where: "behind the shelves", round: 3 },
};
const LOG: readonly (readonly [userId: string, text: string])[] = [
  ["pia", "We go down the stairs."],
  ["paul", "I light the second lamp."],
  ["gwen", "Something moves between the shelves…"],
];

const path = chromiumPath();
if (path === undefined) throw new Error("there is no chromium on this machine");
mkdirSync(IMAGES, { recursive: true });
const server = await ServerProcess.start({ env: { ACTIONS_MODULE: DICE, GUESTS: "on" } });
const browser = await launchChromium(path);
try {
  const evening = await laidTable();
  const urls = { play: `/play/${evening.sessionId}`, console: `/console/${evening.sessionId}`, home: "/" };
  const invite = new URL((await evening.invite({ maxUses: 8 })).url).pathname;
  const { token: pia } = evening.person("pia");
  const { token: gwen } = evening.gm;
  for (const look of ["dark-laptop", "light-laptop", "dark-phone", "light-phone"] as const) {
    await shoot("play", look, urls.play, pia);
  }
  for (const look of ["dark-laptop", "light-laptop", "dark-phone"] as const) {
    await shoot("console", look, urls.console, gwen);
  }
  for (const look of ["dark-laptop", "light-phone"] as const) await shoot("home", look, urls.home, gwen);
  await shoot("invite", "light-phone", invite, undefined);
} finally {
  await browser.close();
  await server.dispose();
}

/** An evening as it could be, with everybody at the table. */
async function laidTable(): Promise<Evening> {
  const evening = await Evening.prepare(server, {
    gm: "gwen",
    members: { pia: "player", paul: "player", sam: "spectator" },
    session: { title: "The Sunken Library", maxParticipants: 6 },
  });
  const members = `/api/campaigns/${evening.campaignId}/members`;
  for (const [userId, name, role] of [
    ["gwen", "Gwen", "gm"],
    ["pia", "Pia", "player"],
    ["paul", "Paul", "player"],
    ["sam", "Sam", "spectator"],
  ]) {
    await evening.gm.get("PUT", `${members}/${userId}`, { role, name });
  }
  const [gm, pia, paul] = await Promise.all([
    evening.gm.join(evening.sessionId, { client: "web, Firefox on Linux" }),
    evening.person("pia").join(evening.sessionId, { client: "web, Safari on iPad" }),
    evening.person("paul").join(evening.sessionId, { client: "unity 1.4" }),
    evening.person("sam").join(evening.sessionId),
  ]);
  for (const [at, value] of Object.entries(TABLE)) await gm.command("set", { path: at, value });
  for (const [by, text] of LOG)
    await gm.command("append", { path: "shared/log", values: [{ at: Date.now(), by, text }], max: 50 });
  await pia.command("append", { path: "private/pia/notes", values: ["The duke is lying about the key."] });
  await paul.command("roll", { dice: "2d6+1" });
  await pia.command("roll", { dice: "d20" });
  await gm.room.request("presence", { status: "idle" });
  return evening;
}

type Look = `${"dark" | "light"}-${"laptop" | "phone"}`;
/** Of the browser's own objects what is used here: this file is checked without its types. */
type Box = { scrollTo(x: number, y: number): void };
type Drawn = { readonly document: { readonly fonts: { readonly ready: Promise<unknown> } } };

async function shoot(name: string, look: Look, address: string, token: string | undefined): Promise<void> {
  const [colorScheme, size] = look.split("-") as ["dark" | "light", "laptop" | "phone"];
  const who = await Visitor.open(browser, { ...(size === "phone" ? PHONE : LAPTOP), colorScheme });
  await who.page.goto(`${server.url}${address}${token === undefined ? "" : `#token=${token}`}`);
  if (name === "play" || name === "console") {
    await who.stands("Connected");
    await who.page.getByRole("img", { name: /^Checked/ }).waitFor();
  } else await who.page.getByRole("heading").first().waitFor();
  // What is hidden, and marked as that, stands last.
  const tree = who.page.getByRole("table", { name: "Entries" });
  if (name === "console") await tree.evaluate((box) => (box as unknown as Box).scrollTo(0, 10_000));
  await who.page.evaluate(() => (globalThis as unknown as Drawn).document.fonts.ready);
  await who.page.waitForTimeout(400);
  const file = join(IMAGES, `${name}-${look}.png`);
  await who.page.screenshot({ path: file });
  console.log(`${file}: ${Math.round(statSync(file).size / 1024)} KiB`);
  await who.close();
}
