import { LONGEST_LIST, LONGEST_VALUE, MOST_WORK } from './limits.js';

/** Made once: an expression that is over its limit may throw it ten thousand times. */
const EXCEEDED = new Error('over the limit');

/**
 * The work of one evaluation. What is exceeded stays exceeded, because `||` and `exists` go on after an error: whoever
 * evaluates asks at the end. There is one evaluation at a time in a thread, so there is one meter.
 */
class Meter {
  private left = MOST_WORK;
  private over: 'time' | 'size' | undefined;

  /** Begins an evaluation. */
  reset(): void {
    this.left = MOST_WORK;
    this.over = undefined;
  }

  /** Which limit was exceeded, if any. */
  get exceeded(): 'time' | 'size' | undefined {
    return this.over;
  }

  /** @throws {Error} when it has been too much work */
  spend(work: number): void {
    this.left -= work;
    if (this.left >= 0 && this.over === undefined) return;
    this.over ??= 'time';
    throw EXCEEDED;
  }

  /**
   * Asked before a text of that length is made, in UTF-16 code units.
   *
   * @throws {Error} when it may not be that long
   */
  makeText(length: number): void {
    if (length > LONGEST_VALUE) this.outgrow();
    this.spend(length >> 4);
  }

  /** Asked for a list of that length. @throws {Error} when it may not be that long */
  makeList(length: number): void {
    if (length > LONGEST_LIST) this.outgrow();
    this.spend(length >> 2);
  }

  outgrow(): never {
    this.over ??= 'size';
    throw EXCEEDED;
  }
}

export const meter = new Meter();
