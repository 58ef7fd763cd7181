import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { call } from "../support/http.ts";
import { ownMongo } from "../support/own-mongo.ts";
import { freePort } from "../support/ports.ts";
import { ServerProcess } from "../support/server.ts";
import { deployed, documentIn } from "./documents.ts";

const FOLDER = fileURLToPath(new URL("../../deploy/prometheus/", import.meta.url));

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}
interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
  }[];
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

/** What `promtool` says, and whether it is content. Skips the test where there is none; in CI that is a failure. */
function promtool(
  context: Mocha.Context,
  args: readonly string[],
): { readonly isContent: boolean; readonly said: string } {
  const { error, status, stdout, stderr } = spawnSync("promtool", args, { cwd: FOLDER, encoding: "utf8" });
  if (error === undefined) return { isContent: status === 0, said: stdout + stderr };
  if (process.env.CI === "true") throw error;
  console.log("      skipped: there is no promtool on this machine (apt-get install prometheus)");
  return context.skip();
}

describe("deploy/prometheus and deploy/grafana", function () {
  this.timeout(30_000);
  const alerts = documentIn<Rules>("prometheus/alerts.yml").groups.flatMap(({ rules }) => rules);
  const { panels } = JSON.parse(deployed("grafana/dashboard.json")) as { readonly panels: readonly Panel[] };
  const queries = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*"),
    })),
  );

  it("[MP92] Prometheus takes the configuration and the alerts, and they come when they should, and only then", function () {
    for (const args of [
      ["check", "config", "prometheus.yml"],
      ["check", "rules", "alerts.yml"],
      ["test", "rules", "alerts.test.yml"],
    ]) {
      const { isContent, said } = promtool(this, args);
      assert.ok(isContent, said);
    }
  });

  it("[MP92] each alert says what is wrong and what to do, and has a test in which it comes and one in which it does not", () => {
    const { tests } = documentIn<RuleTests>("prometheus/alerts.test.yml");
    const expected = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    for (const { alert, labels, annotations } of alerts) {
      assert.match(labels["severity"] ?? "", /^(page|look)$/, alert);
      assert.deepEqual(Object.keys(annotations), ["summary", "what_to_do"], alert);
      const own = expected.filter(({ alertname }) => alertname === alert);
      assert.ok(
        own.some(({ exp_alerts = [] }) => exp_alerts.length > 0),
        `${alert} comes in no test`,
      );
      assert.ok(
        own.some(({ exp_alerts = [] }) => exp_alerts.length === 0),
        `${alert} stays away in no test`,
      );
    }
    assert.deepEqual(new Set(expected.map(({ alertname }) => alertname)), new Set(alerts.map(({ alert }) => alert)));
  });

  it("[MP93] every figure of the dashboard is one that Prometheus can work out", function () {
    const folder = mkdtempSync(join(tmpdir(), "dashboard-"));
    const file = join(folder, "rules.yml");
    const rules = queries.map(({ expr }, i) => ({ record: `query:${i}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    const { isContent, said } = promtool(this, ["check", "rules", file]);
    rmSync(folder, { recursive: true });
    assert.ok(isContent, said);
    assert.ok(queries.length > 20);
  });

  it("[MP93] no two panels have one number, or lie over each other", () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const [i, { gridPos: one, title }] of panels.entries()) {
      assert.ok(one.x + one.w <= 24, title);
      for (const { gridPos: other } of panels.slice(i + 1)) {
        const apart =
          one.x + one.w <= other.x ||
          other.x + other.w <= one.x ||
          one.y + one.h <= other.y ||
          other.y + other.h <= one.y;
        assert.ok(apart, title);
      }
    }
  });

  describe("of one of several processes", () => {
    const mongo = ownMongo();

    it("[MP94] every name and label value in alerts and dashboard is in /metrics", async () => {
      // Nobody has to be at that Redis.
      const REDIS_URL = `redis://127.0.0.1:${await freePort()}`;
      const MONGODB_URI = mongo().uri("metrics");
      const server = await ServerProcess.start({ env: { MONGODB_URI, REDIS_URL, INTERNAL_URL: "http://127.0.0.1:9" } });
      const { text } = await call(server.url, "GET", "/metrics");
      await server.dispose();
      const series = Array.from(text.matchAll(/^(\w+)(?:\{(.*)\})? /gm), ([, name, labels = ""]) => ({ name, labels }));
      const has = (name: string, label?: string, value?: string): boolean =>
        series.some(
          (one) => one.name === name && (label === undefined || `,${one.labels}`.includes(`,${label}="${value}"`)),
        );
      const exprs = [...alerts.map(({ expr }) => expr), ...queries.map(({ expr }) => expr)];
      for (const expr of exprs) {
        for (const [, name, , matchers = ""] of expr.matchAll(
          /\b(up|(?:campaign_live|process|nodejs)_\w+)(\{([^}]*)\})?/g,
        )) {
          // Prometheus makes these itself.
          assert.ok(name === "up" || has(name!), `${name} is no metric: ${expr}`);
          assert.match(matchers, /job="campaign-live-sessions"/, expr);
          for (const [, label, values] of matchers.matchAll(/(\w+)=~?"([^"]*)"/g)) {
            if (label === "job" || label === "instance") continue;
            for (const value of values!.split("|"))
              assert.ok(has(name!, label, value), `${name} has no ${label}=${value}`);
          }
        }
      }
    });
  });
});
