import assert from "node:assert/strict";
import { comparisonText } from "../../loadtest/compare.ts";
import { reportHtml } from "../../loadtest/html.ts";
import { EVENING_DEFAULTS } from "../../loadtest/play.ts";
import { reportText } from "../../loadtest/report.ts";
import type { EveningResult } from "../../loadtest/result.ts";

const ms = { count: 10, p50: 1.234, p95: 5, p99: 12.34, max: 1234.5 };

const RESULT: EveningResult = {
  at: "2026-11-24T20:00:00.000Z",
  options: EVENING_DEFAULTS,
  joins: { count: 60, perSecond: 120, ms },
  commands: { sent: 12, acknowledged: 10, perSecond: 5, duplicates: 1, ms },
  visibleMs: ms,
  backMs: { count: 0, p50: 0, p95: 0, p99: 0, max: 0 },
  delivered: 60,
  bytesPerCommand: 240,
  bytesPerDelivery: 40,
  refused: { rate_limited: 2 },
  closed: {},
  servers: [],
  server: { cpuMs: 30, cpuShare: 0.25, cpuMsPer1000Delivered: 500, rssMiB: 90, peakRssMiB: 95 },
  kibPerClient: 50,
  clients: { cpuShare: 0.5, loopP99Ms: 1, loopMaxMs: 2 },
  timeline: [
    { second: 1, acknowledged: 4, p50: 1, p99: 2, serverCpuShare: 0.2, rssMiB: 80 },
    { second: 2, acknowledged: 6, p50: 1, p99: 3, serverCpuShare: 0.3, rssMiB: 90 },
  ],
  curve: [
    [50, 1, 2],
    [100, 3, 4],
  ],
  faults: [],
};
const UNMEASURED: EveningResult = {
  ...RESULT,
  server: null,
  servers: [],
  kibPerClient: null,
  timeline: RESULT.timeline.map((moment) => ({ ...moment, serverCpuShare: null, rssMiB: null })),
};

describe("the report of a load test", () => {
  it("[Q7] shows what was measured", () => {
    const text = reportText(RESULT);
    assert.match(text, /^acknowledged p99, ms +12\.3$/m);
    assert.match(text, /^server CPU-ms per 1,000 delivered +500$/m);
    assert.match(text, /^Refused, by code: rate_limited: 2\.$/m);
    assert.match(text, /^Nothing lost, nothing duplicated/m);
  });

  it("[Q7] leaves out what was not, and does not show 0 for it", () => {
    assert.doesNotMatch(reportText(UNMEASURED), /server|Connections closed|return p99/);
    const silent = { ...RESULT, visibleMs: RESULT.backMs, bytesPerCommand: 0 };
    assert.doesNotMatch(reportText(silent), /visible|per command/);
    assert.doesNotMatch(reportHtml(UNMEASURED), /server/i);
  });

  it("[Q7] shows every fault", () => {
    assert.match(reportText({ ...RESULT, faults: ["session s1: lost"] }), /FAULTS:\n {2}session s1: lost/);
  });

  it("[Q7] compares by ratios, and says what was not the same", () => {
    const slower = { ...RESULT, commands: { ...RESULT.commands, perSecond: 2.5 } };
    assert.match(comparisonText(RESULT, slower), /^commands a second +5 +2\.50 +× 0\.50$/m);
    assert.doesNotMatch(comparisonText(RESULT, slower), /Not the same evening/);
    const other = { ...RESULT, options: { ...EVENING_DEFAULTS, rate: 9 } };
    assert.match(comparisonText(RESULT, other), /Not the same evening: rate 1 and 9\./);
    assert.doesNotMatch(comparisonText(RESULT, UNMEASURED), /server/);
  });

  it("[Q8] is a page of its own", () => {
    const html = reportHtml(RESULT);
    assert.equal(html.match(/<svg /g)?.length, 5);
    assert.doesNotMatch(html, /https?:|<script|<link|NaN|Infinity|undefined/);
  });

  it("[Q8] shows foreign text as text", () => {
    const html = reportHtml({ ...RESULT, faults: ["<img src=x>"], refused: { "<b>": 1 } });
    assert.match(html, /&lt;img src=x&gt;/);
    assert.doesNotMatch(html, /<img|<b>/);
  });
});
