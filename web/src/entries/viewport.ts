import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Rows beyond the edges that are there already when one scrolls. */
const SPARE_ROWS = 6;

export interface Viewport {
  readonly frame: RefObject<HTMLDivElement | null>;
  /** px, as the reader's size of type makes it */
  readonly rowPx: number;
  readonly first: Signal<number>;
  /** one after the last */
  readonly end: Signal<number>;
  /** Scrolls as little as brings the row into sight. */
  show(index: number): void;
}

/** Which of many rows of one height are in sight. @param rowRem their height */
export function useViewport(rowRem: number): Viewport {
  const frame = useRef<HTMLDivElement>(null);
  const rowPx = rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const first = useSignal(0);
  const end = useSignal(30);
  const look = () => {
    const { scrollTop = 0, clientHeight = 0 } = frame.current ?? {};
    first.value = Math.max(0, Math.floor(scrollTop / rowPx) - SPARE_ROWS);
    end.value = Math.ceil((scrollTop + Math.max(clientHeight, 20 * rowPx)) / rowPx) + SPARE_ROWS;
  };
  useLayoutEffect(() => {
    const box = frame.current;
    if (box === null) return;
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, []);
  const show = (index: number) => {
    const box = frame.current;
    if (box === null) return;
    const top = index * rowPx;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + rowPx > box.scrollTop + box.clientHeight) box.scrollTop = top + rowPx - box.clientHeight;
    look();
  };
  return { frame, rowPx, first, end, show };
}
