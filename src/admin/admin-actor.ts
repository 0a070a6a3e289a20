import type { Actor } from '../audit/audit-log.js';
import { covers } from './admin-scope.js';
import type { IdempotencyKey } from './idempotency-key.js';
import { Precondition } from './precondition.js';

/** Who is asking: for the audit log, and for rules about who may do what to whom. */
export class AdminActor implements Actor {
  /** Private to the language, so that it goes into no log line: those are made of the other members. */
  readonly #scope: readonly string[];
  #precondition = Precondition.NONE;
  #key: IdempotencyKey | undefined;

  constructor(
    readonly clientId: string,
    readonly address: string,
    readonly traceId: string,
    scope: readonly string[],
    readonly userAgent?: string,
  ) {
    this.#scope = scope;
  }

  /** Whether the token of this request allows what needs that scope. */
  has(scope: string): boolean {
    return covers(this.#scope, scope);
  }

  /** What this request asks for a change under. */
  get precondition(): Precondition {
    return this.#precondition;
  }

  /** What a creation is asked for under. */
  get key(): IdempotencyKey | undefined {
    return this.#key;
  }

  /** To be called once, when the key is this request's. */
  asksWith(key: IdempotencyKey): void {
    this.#key = key;
  }

  /** To be called once, when the request's headers are read. */
  asksUnder(precondition: Precondition): void {
    this.#precondition = precondition;
  }
}
