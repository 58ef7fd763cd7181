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
  StoredName,
  Title,
} from "../../src/core/settings.ts";

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

/** Contract section 2. */
const BOUNDS: Record<Exclude<keyof Settings, "admission">, readonly [min: number, max: number, byDefault: number]> = {
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

  it("[S12] admission: `open` or `approve`, `open` by default", () => {
    assert.equal(DEFAULT_SETTINGS.admission, "open");
    for (const admission of ["open", "approve"]) assert.deepEqual(SettingsPatch.parse({ admission }), { admission });
    for (const admission of ["closed", "", 1, true, null]) assert.equal(accepts(SettingsPatch, { admission }), false);
  });

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

  it("[S13] a name and a title have no control or bidi control characters, and something of them is seen", () => {
    const controls = ["\u0000", "\u001b[31m", "\t", "\n", "\r", "\u007f", "\u0085", "\u009f"];
    const bidi = ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"];
    const unseen = [
      " ",
      "\u00a0",
      "\u2003\u3000",
      "\u200b",
      "\u200d\u200c",
      "\u2060",
      "\ufeff",
      "\u00ad",
      "\u3164",
      "\ufe0f",
    ];
    for (const schema of [Name, Title]) {
      for (const one of [...controls, ...bidi]) assert.equal(accepts(schema, `Kim${one}`), false, JSON.stringify(one));
      for (const one of unseen) {
        assert.equal(accepts(schema, one), false, JSON.stringify(one));
        assert.equal(accepts(schema, `Kim${one}`), true, JSON.stringify(one));
      }
      for (const one of ["Zoë", "名前", "عمر", "👩‍🚀", "a b", "\u200fעברית", "x\u2028y"]) {
        assert.equal(accepts(schema, one), true, one);
      }
    }
  });

  it("[S13] a reason may have line breaks, and be blank or empty", () => {
    for (const one of ["", " ", "tea\nback at nine", "a\r\nb"]) assert.equal(accepts(Reason, one), true);
    for (const one of ["\u0000", "a\tb", "\u001b", "a\u202eb", "a\u2066b", "\u0085"]) {
      assert.equal(accepts(Reason, one), false, JSON.stringify(one));
    }
  });

  it("[S13] what was stored before there were rules for characters stays a name", () => {
    for (const one of [" ", "a\u0000b", "a\u202eb"]) assert.equal(accepts(StoredName, one), true);
    for (const one of ["", "x".repeat(101), "\ud800"]) assert.equal(accepts(StoredName, one), false);
  });
});
