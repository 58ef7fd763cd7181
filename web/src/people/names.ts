/** Zero-width characters, marks of direction, variation selectors and their like: two names may differ in them alone. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;

/** What a name looks like at a glance. */
function looks(name: string): string {
  return name.normalize("NFKC").replace(UNSEEN, "").replace(/\s+/gu, " ").trim().toLocaleLowerCase("en");
}

/** The ids of people who could be taken for somebody else by their name, or whose name says nothing. */
export function mistakable(people: Iterable<{ readonly userId: string; readonly name: string }>): ReadonlySet<string> {
  const byLooks = new Map<string, string[]>();
  for (const { userId, name } of people) {
    const look = looks(name);
    byLooks.set(look, [...(byLooks.get(look) ?? []), userId]);
  }
  const doubtful = [...byLooks].filter(([look, ids]) => look === "" || ids.length > 1);
  return new Set(doubtful.flatMap(([, ids]) => ids));
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What stands in a person's round sign. */
export function initialOf(name: string): string {
  for (const { segment } of graphemes.segment(name)) {
    if (segment.replace(UNSEEN, "").trim() !== "") return segment.toLocaleUpperCase();
  }
  return "?";
}

/** Each person keeps one of so many colours. */
export const COLOURS = 8;

export function colourOf(userId: string): number {
  let sum = 0;
  for (const char of userId) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return sum % COLOURS;
}
