import assert from "node:assert/strict";
import { bannedIn } from "../../web/src/console/bans.ts";
import { claimsOf } from "../../web/src/identity/claims.ts";
import { colourOf, initialOf, mistakable } from "../../web/src/people/names.ts";
import { deviceText } from "../../web/src/table/device.ts";

describe("pages: who is who", () => {
  it("[PG26] whose name could be taken for another's is shown with their id", () => {
    const people = [
      { userId: "pia", name: "Pia" },
      { userId: "p2", name: "pia " },
      { userId: "p3", name: "P\u200bia" },
      { userId: "p4", name: "Ｐｉａ" },
      { userId: "paul", name: "Paul" },
      { userId: "n", name: "\u3164" },
    ];
    assert.deepEqual([...mistakable(people)].sort(), ["n", "p2", "p3", "p4", "pia"]);
    assert.deepEqual([...mistakable([])], []);
  });

  it("[PG26] a person's sign is the first letter that one sees, emoji whole; the colour stays", () => {
    assert.equal(initialOf("pia"), "P");
    assert.equal(initialOf("\u202e\u200bעדן"), "ע");
    assert.equal(initialOf("👩‍🚀 Ada"), "👩‍🚀");
    assert.equal(initialOf(" \u200b "), "?");
    assert.equal(colourOf("guest:x"), colourOf("guest:x"));
    assert.ok(new Set(["gwen", "pia", "paul", "petra"].map(colourOf)).size > 1);
  });

  it("[PG27] a device is told by browser and system", () => {
    assert.equal(
      deviceText("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"),
      "web, Chrome on Linux",
    );
    assert.equal(
      deviceText("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"),
      "web, Firefox on Android",
    );
    assert.equal(deviceText("curl/8"), "web");
  });

  it("[PG28] a token's claims are read to show them; what is no token is nobody", () => {
    const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
    assert.deepEqual(claimsOf(token({ sub: "kim", name: "Kïm 🎲", exp: 5, roles: ["operator"] })), {
      userId: "kim",
      name: "Kïm 🎲",
      operator: true,
      endsAt: 5000,
    });
    assert.equal(claimsOf(token({ sub: "kim", name: "  " }))?.name, "kim");
    for (const none of ["", "a.b.c", "x", token({ name: "Kim" })]) assert.equal(claimsOf(none), undefined);
  });

  it("[PG29] who is banned is what the audit trail says last, under the name that they came with", () => {
    const event = (kind: string, by: string, data: Record<string, string>) => ({
      kind,
      actor: { userId: by, via: "member" },
      data,
    });
    const events = [
      event("participant.joined", "pia", { name: "Pia", role: "player" }),
      event("participant.banned", "gwen", { userId: "pia" }),
      event("participant.banned", "gwen", { userId: "paul" }),
      event("participant.unbanned", "gwen", { userId: "paul" }),
      event("participant.banned", "gwen", { userId: "zed" }),
    ];
    assert.deepEqual(bannedIn(events), [
      { userId: "pia", name: "Pia" },
      { userId: "zed", name: "zed" },
    ]);
  });
});
