import { z } from "zod";

const CONTROL = /\p{Cc}/u;
/** A line break is a line feed or a carriage return. */
const CONTROL_BUT_LINE_BREAKS = /[^\P{Cc}\n\r]/u;
/** What turns the direction of the text around it, and can so make one name look like another. */
const BIDI_CONTROL = /[\u202A-\u202E\u2066-\u2069]/u;
const DROPPED = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;
const UNSEEN = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}]*$/u;

/** What a text holds besides a number of characters (code points), which are never half of one (a lone surrogate). */
interface TextRule {
  /** whether it may have line breaks */
  readonly lines?: boolean;
  /** whether something of it has to be seen: it is not all blanks, joiners and the like */
  readonly seen?: boolean;
}

/** A text of so many characters, without control and bidi control characters. */
export function textOf(minCharacters: number, maxCharacters: number, { lines = false, seen = false }: TextRule = {}) {
  const control = lines ? CONTROL_BUT_LINE_BREAKS : CONTROL;
  return storedTextOf(minCharacters, maxCharacters)
    .refine(
      (text) => !control.test(text),
      lines ? "must not hold control characters but line breaks" : "must not hold control characters",
    )
    .refine((text) => !BIDI_CONTROL.test(text), "must not hold bidi control characters")
    .refine((text) => !seen || isSeen(text), "must not be all blanks or characters that nobody sees");
}

/** A text as it may be stored: what came before there were rules for its characters stays as it is. */
export function storedTextOf(minCharacters: number, maxCharacters: number) {
  return z
    .string()
    .refine((text) => text.isWellFormed(), "must not hold a lone surrogate")
    .refine(
      (text) => isWithin(text, minCharacters, maxCharacters),
      `must have ${minCharacters} to ${maxCharacters} characters`,
    )
    .meta({ minLength: minCharacters, maxLength: maxCharacters });
}

/** A text without the characters that a name may not have; empty where nothing of it would be seen. */
export function withoutControls(text: string): string {
  const shown = text.replaceAll(DROPPED, "");
  return isSeen(shown) ? shown : "";
}

/** Whether something of a text is seen: it is not all blanks, joiners and the like. */
export function isSeen(text: string): boolean {
  return !UNSEEN.test(text);
}

/** Whether a text has so many code points. */
export function isWithin(text: string, min: number, max: number): boolean {
  // A code point has one or two code units: no need to count those of a text that is too long by far.
  if (text.length > 2 * max) return false;
  const characters = [...text].length;
  return characters >= min && characters <= max;
}
