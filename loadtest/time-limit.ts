/** Whatever hangs: after so many seconds this process says so and ends, and with it every process that it started. */
export function endAfter(seconds: number): void {
  const timer = setTimeout(() => {
    console.error(`not done after ${seconds} s: given up`);
    process.exit(3);
  }, seconds * 1000);
  timer.unref();
}
