import type { Actor } from '../audit/audit-log.js';
import { covers } from './admin-scope.js';

/** Who is asking: for the audit log, and for rules about who may do what to whom. */
export class AdminActor implements Actor {
  /** Private to the language, so that it goes into no log line: those are made of the other members. */
  readonly #scope: readonly string[];

  constructor(
    readonly clientId: string,
    readonly address: string,
    readonly traceId: string,
    scope: readonly string[],
  ) {
    this.#scope = scope;
  }

  /** Whether the token of this request allows what needs that scope. */
  has(scope: string): boolean {
    return covers(this.#scope, scope);
  }
}
