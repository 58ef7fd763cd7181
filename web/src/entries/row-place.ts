/** Where a row stands among all of them. */
export interface RowPlace {
  /** from 0 */
  readonly index: number;
  /** px from the first row's top */
  readonly top: number;
  /** whether the keyboard is at it: the one row that Tab leads to */
  readonly isAt: boolean;
}
