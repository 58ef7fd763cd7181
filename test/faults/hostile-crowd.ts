import { pause } from "../support/eventually.ts";
import { attacksOn } from "./hostile-attacks.ts";
import type { CrowdReport, HostileScene } from "./hostile-scene.ts";
import "../support/quiet.ts";

/** A process of its own, so that what the crowd does costs the loop of the test nothing. The scene is its argument. */
const scene = JSON.parse(process.argv[2]!) as HostileScene;
const until = performance.now() + scene.seconds * 1_000;

const reports: Record<string, { rounds: number; told: Record<string, number> }> = {};
/** To look at some of the attacks alone. */
const only = new RegExp(process.env.HOSTILE_ONLY ?? "");
const attacks = Object.entries(attacksOn(scene)).filter(([name]) => only.test(name));
const crowd = attacks.map(async ([name, attack]) => {
  const report = { rounds: 0, told: {} as Record<string, number> };
  reports[name] = report;
  while (performance.now() < until) {
    const tell = (answer: string | number) => {
      report.told[answer] = (report.told[answer] ?? 0) + 1;
    };
    await attack(tell, report.rounds);
    report.rounds += 1;
    await pause(500);
  }
});
await Promise.all(crowd);
process.stdout.write(JSON.stringify(reports satisfies CrowdReport), () => process.exit(0));
