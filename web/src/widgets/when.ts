const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const DAY: Intl.DateTimeFormatOptions = { ...TIME, day: "numeric", month: "short" };
const YEAR: Intl.DateTimeFormatOptions = { ...DAY, year: "numeric" };

/**
 * A moment in the viewer's zone and habit: the time of day, with the date where that is not today's.
 * @param ms since 1970
 */
export function whenText(ms: number, nowMs: number, locale?: string): string {
  const then = new Date(ms);
  const now = new Date(nowMs);
  const isToday = then.toDateString() === now.toDateString();
  const format = isToday ? TIME : then.getFullYear() === now.getFullYear() ? DAY : YEAR;
  return new Intl.DateTimeFormat(locale, format).format(then);
}

/** `4 s`, `12 min`, `3 h 05 min`. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** A countdown, `0:09`. */
export function countdownText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
