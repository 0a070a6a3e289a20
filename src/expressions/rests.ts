import type { ExpressionUse } from './expression-outcome.js';
import { REST_MS } from './limits.js';

const MOST = 1_000;

/** Somebody's expression that was cut off. */
interface CutOffOf {
  readonly personId: string;
  /** Milliseconds. */
  readonly at: number;
}

/**
 * The expressions that were cut off a moment ago. Each costs a thread, so none is tried again before it has rested: at
 * once for the person over whose facts it was cut off, and for everybody when that happens over two people in a row. One
 * person of whom there is much to say must not keep the others out.
 */
export class Rests {
  private readonly until = new Map<string, number>();
  /** By expression, those that came to an end since left out. */
  private readonly last = new Map<string, CutOffOf>();

  begin(use: ExpressionUse, text: string, personId: string): void {
    const now = Date.now();
    const key = keyOf(use, text);
    const before = this.last.get(key);
    put(this.last, key, { personId, at: now });
    put(this.until, keyOf(use, text, personId), now + REST_MS);
    if (before === undefined || before.personId === personId || now - before.at >= REST_MS) return;
    put(this.until, key, now + REST_MS);
  }

  /** Notes that it came to an end by itself. */
  ended(use: ExpressionUse, text: string): void {
    if (this.last.size > 0) this.last.delete(keyOf(use, text));
  }

  has(use: ExpressionUse, text: string, personId: string): boolean {
    return this.until.size > 0 && (this.isOn(keyOf(use, text)) || this.isOn(keyOf(use, text, personId)));
  }

  private isOn(key: string): boolean {
    const until = this.until.get(key);
    if (until === undefined) return false;
    if (Date.now() < until) return true;
    this.until.delete(key);
    return false;
  }
}

function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}

/** @param personId of whom it is about alone */
function keyOf(use: ExpressionUse, text: string, personId?: string): string {
  return JSON.stringify([use, text, personId]);
}
