import { signal } from "@preact/signals";

/** Whether one key pauses: a person who speaks to their machine, or shares a keyboard with a cat, turns it off. */
export const pausesByKey = signal(true);

/** Whether a key belongs to a field, a dialog or the browser. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return true;
  const target = event.target instanceof Element ? event.target : undefined;
  return target?.closest("input, textarea, select, [contenteditable], dialog") != null;
}
