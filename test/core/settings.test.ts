import assert from "node:assert/strict";
import type { z } from "zod";
import type { Settings } from "../../src/core/session.ts";
import {
  DEFAULT_MAX_PARTICIPANTS,
  DEFAULT_SETTINGS,
  MaxParticipants,
  mergeSettings,
  Name,
  Reason,
  SettingsPatch,
  Title,
} from "../../src/core/settings.ts";

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

/** Contract section 2. */
const BOUNDS: Record<keyof Settings, readonly [min: number, max: number, byDefault: number]> = {
  reconnectWindow: [0, 3600, 60],
  idleAfter: [1, 3600, 120],
  snapshotEvery: [1, 600, 30],
  activityTimeout: [1, 60, 5],
  autoPauseWhenNoGm: [0, 3600, 0],
  connectionsPerParticipant: [1, 8, 3],
};

describe("settings", () => {
  for (const [name, [min, max, byDefault]] of Object.entries(BOUNDS)) {
    it(`[S12] ${name}: ${min} to ${max}, ${byDefault} by default`, () => {
      assert.equal(DEFAULT_SETTINGS[name as keyof Settings], byDefault);
      for (const good of [min, max]) assert.deepEqual(SettingsPatch.parse({ [name]: good }), { [name]: good });
      for (const bad of [min - 1, max + 1, min + 0.5, String(min), null, Number.NaN]) {
        assert.equal(accepts(SettingsPatch, { [name]: bad }), false, String(bad));
      }
    });
  }

  it("[S12] takes any few of them and nothing unknown", () => {
    assert.deepEqual(SettingsPatch.parse({}), {});
    assert.equal(accepts(SettingsPatch, { reconnectWindows: 5 }), false);
    assert.equal(accepts(SettingsPatch, []), false);
  });

  it("[S12] merges field by field", () => {
    const merged = mergeSettings(DEFAULT_SETTINGS, { idleAfter: 7 });
    assert.deepEqual(merged, { ...DEFAULT_SETTINGS, idleAfter: 7 });
    assert.equal(DEFAULT_SETTINGS.idleAfter, 120);
  });

  it("[S12] has 1 to 500 places, 8 by default", () => {
    assert.equal(DEFAULT_MAX_PARTICIPANTS, 8);
    assert.deepEqual(
      [0, 1, 500, 501, 1.5].map((n) => accepts(MaxParticipants, n)),
      [false, true, true, false, false],
    );
  });
});

describe("names, titles and reasons", () => {
  it("[S13] counts code points: 1 to 100 in a name and a title, up to 500 in a reason", () => {
    for (const schema of [Name, Title]) {
      assert.deepEqual(
        ["", "x", "🎲".repeat(100), "🎲".repeat(101), "x".repeat(101), "x".repeat(100_000)].map((s) =>
          accepts(schema, s),
        ),
        [false, true, true, false, false, false],
      );
    }
    assert.deepEqual(
      ["", "🎲".repeat(500), "🎲".repeat(501)].map((s) => accepts(Reason, s)),
      [true, true, false],
    );
  });

  it("[S13] refuses lone surrogates and what is no text", () => {
    assert.deepEqual(
      ["a\ud83c", "\udfb2", 5, null].map((value) => accepts(Name, value)),
      [false, false, false, false],
    );
  });
});
