/** Shows one line that changes, in a terminal; elsewhere nothing. `done` clears it. */
export function liveLine(stream: NodeJS.WriteStream): { show: (line: string) => void; done: () => void } {
  if (!stream.isTTY) return { show: () => {}, done: () => {} };
  const clear = "\r\u001b[2K";
  return {
    show: (line) => stream.write(clear + line.slice(0, stream.columns - 1)),
    done: () => stream.write(clear),
  };
}
