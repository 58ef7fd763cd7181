import { whenText } from "./when.ts";

/** A moment for people and for machines. @param at ms since 1970, or ISO 8601 */
export function Time({ at }: { readonly at: number | string }) {
  const ms = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={new Date(ms).toLocaleString()}>
      {whenText(ms, Date.now())}
    </time>
  );
}
