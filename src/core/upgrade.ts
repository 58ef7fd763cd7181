/** Something that was stored as JSON, of whatever format. */
export type Stored = { readonly [field: string]: unknown };

/** Brings what was stored in one format to the next. What a released program wrote exists: its step is never edited. */
export type UpgradeStep = (stored: Stored) => Stored;

/** What is stored is of a format that this program does not know, such as a newer program's. */
export class UnknownFormat extends Error {
  override readonly name = "UnknownFormat";
}

/** A format that is stored, and how former ones become it. */
export interface Format {
  /** what is stored in it */
  readonly of: string;
  /** the field in which its number stands; where that is missing it is format 0 */
  readonly field: string;
  /** number i brings format i to i + 1 */
  readonly steps: readonly UpgradeStep[];
}

/**
 * Brings something stored to the newest format, a step at a time.
 * @returns the very same where nothing is to be done
 * @throws UnknownFormat
 */
export function upgraded(stored: unknown, { of, field, steps }: Format): Stored {
  const format = isObject(stored) ? (stored[field] ?? 0) : undefined;
  if (!isObject(stored) || !isFormat(format) || format > steps.length) {
    throw new UnknownFormat(`${of} format ${String(format)} is unknown: this program knows 0 to ${steps.length}`);
  }
  let upgraded = stored;
  for (const [i, step] of steps.entries()) if (i >= format) upgraded = { ...step(upgraded), [field]: i + 1 };
  return upgraded;
}

/** Whether it is a JSON object. */
export function isObject(stored: unknown): stored is Stored {
  return typeof stored === "object" && stored !== null && !Array.isArray(stored);
}

function isFormat(format: unknown): format is number {
  return Number.isSafeInteger(format) && (format as number) >= 0;
}
