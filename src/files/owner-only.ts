/** From here on what this process makes can be read by its owner alone. To be called at its start. */
export function keepForOwner(): void {
  process.umask(0o077);
}
