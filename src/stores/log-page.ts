import { utf8Bytes } from "../core/limits.ts";

/** A page of a log ends with the record with which its content and audit events come to so many bytes (UTF-8). */
export const PAGE_BYTES = 4 * 1024 * 1024;

/** How much a page of a log holds: whoever reads it holds no more at a time, however large records are. */
export class PageSize {
  #bytes = 0;

  /** Another record. @param texts that it is stored as; null or absent where there is none */
  add(...texts: readonly (string | null | undefined)[]): void {
    for (const text of texts) if (typeof text === "string") this.#bytes += utf8Bytes(text);
  }

  /** Another record, or several, of so many bytes. */
  addBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Whether the page ends here. */
  get isFull(): boolean {
    return this.#bytes >= PAGE_BYTES;
  }
}
