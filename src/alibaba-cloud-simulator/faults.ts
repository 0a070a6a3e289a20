/** The hosts and pages that can be made to fail, each by itself. */
export const LEGS = ['sts', 'signin', 'login', 'console'] as const;
export type Leg = (typeof LEGS)[number];

/**
 * What becomes of one request: an error that this simulator would not give by itself (`Throttling.User`), an answer that
 * comes late, one that never comes, a connection that is closed, or an answer that is none.
 */
export type Fault =
  | { readonly code: string; readonly status: number; readonly message?: string }
  | { readonly delayMs: number }
  | { readonly body: string; readonly status: number }
  | 'hang'
  | 'close';

/** What is to go wrong. */
export class Faults {
  /** How long each answer of a leg takes longer than it would. */
  readonly latencyMs: Partial<Record<Leg, number>> = {};
  readonly #next = new Map<Leg, Fault[]>();

  /** The next request of the leg fails like this; called again, the one after it. */
  failNext(leg: Leg, fault: Fault): void {
    this.#next.set(leg, [...(this.#next.get(leg) ?? []), fault]);
  }

  take(leg: Leg): Fault | undefined {
    return this.#next.get(leg)?.shift();
  }

  clear(): void {
    this.#next.clear();
    for (const leg of LEGS) delete this.latencyMs[leg];
  }
}
