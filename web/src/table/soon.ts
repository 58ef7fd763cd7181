/**
 * Runs once for all calls until the next frame: a page need not draw more often than it is looked at. Where nobody looks
 * at it there are no frames, so it runs within a quarter of a second all the same.
 */
export function soon(run: () => void): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    const now = () => {
      if (!due) return;
      due = false;
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      run();
    };
    const frame = requestAnimationFrame(now);
    const timer = setTimeout(now, 250);
  };
}
