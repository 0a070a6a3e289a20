import type { ExpressionUse } from './expression-outcome.js';
import { REST_MS } from './limits.js';

const MOST = 1_000;

/** The expressions that were cut off a moment ago. Each costs a thread, so none is tried again before it has rested. */
export class Rests {
  private readonly until = new Map<string, number>();

  begin(use: ExpressionUse, text: string): void {
    const key = keyOf(use, text);
    this.until.delete(key);
    this.until.set(key, Date.now() + REST_MS);
    const [oldest] = this.until.keys();
    if (this.until.size > MOST && oldest !== undefined) this.until.delete(oldest);
  }

  has(use: ExpressionUse, text: string): boolean {
    const key = keyOf(use, text);
    const until = this.until.get(key);
    if (until === undefined) return false;
    if (Date.now() < until) return true;
    this.until.delete(key);
    return false;
  }
}

function keyOf(use: ExpressionUse, text: string): string {
  return `${use} ${text}`;
}
