import { DingTalkError } from './dingtalk-error.js';

/** Failures in a row that open it. */
const PATIENCE = 5;
/** Milliseconds between one probe and the next. */
const PROBE_EVERY_MS = 30_000;

/** What a call told about whether DingTalk is there; `unknown` when it was given up. */
export type Outcome = 'there' | 'away' | 'unknown';

/** A call that was let through. */
export interface Passage {
  over(outcome: Outcome): void;
}

/** Nobody was called. */
export class CircuitOpenError extends DingTalkError {
  constructor() {
    super('unavailable', '', 'not called: DingTalk did not answer several times in a row');
  }
}

/**
 * Stops calling when nobody is there: people are told at once instead of after seconds, and DingTalk is left in peace.
 * While it is open one call in half a minute goes through, and closes it again.
 */
export class Circuit {
  private failures = 0;
  /** When the next probe may go, epoch milliseconds; undefined while it is closed. */
  private probeAt: number | undefined;
  private probing = false;

  /** @param changed told when it opens and closes */
  constructor(private readonly changed: (isOpen: boolean) => void = () => undefined) {}

  /** @throws {CircuitOpenError} when no call would be let through */
  require(): void {
    if (this.probeAt === undefined) return;
    const wait = this.probeAt - Date.now();
    // A wait that is longer than it ever is: somebody has set the clock back.
    const isDue = wait <= 0 || wait > PROBE_EVERY_MS;
    if (isDue && !this.probing) return;
    throw new CircuitOpenError();
  }

  /** @throws {CircuitOpenError} */
  enter(): Passage {
    this.require();
    const isProbe = this.probeAt !== undefined;
    if (isProbe) this.probing = true;
    return { over: (outcome) => this.over(outcome, isProbe) };
  }

  private over(outcome: Outcome, isProbe: boolean): void {
    if (isProbe) this.probing = false;
    if (outcome === 'there') this.close();
    else if (outcome === 'away') this.fail(isProbe);
  }

  private close(): void {
    this.failures = 0;
    if (this.probeAt === undefined) return;
    this.probeAt = undefined;
    this.changed(false);
  }

  private fail(isProbe: boolean): void {
    this.failures += 1;
    const isOpen = this.probeAt !== undefined;
    if (isOpen ? isProbe : this.failures >= PATIENCE) this.probeAt = Date.now() + PROBE_EVERY_MS;
    if (!isOpen && this.probeAt !== undefined) this.changed(true);
  }
}
