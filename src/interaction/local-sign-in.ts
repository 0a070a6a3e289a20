import { Injectable } from '@nestjs/common';
import { ClinchConfig } from '../config/clinch-config.js';
import { Database, statement } from '../database/database.js';

/** Milliseconds for which the answer is kept at least: every sign-in page asks. */
const STALE_AFTER_MS = 3_000;

/** It is kept so many times as long as it took: where nobody of a million has a password, finding that out takes a while. */
const REST = 100;

const ANY_PASSWORD = statement(
  'account_any_password',
  "SELECT 1 AS one FROM accounts WHERE password_hash IS NOT NULL AND status = 'active' LIMIT 1",
);

/** Whether people may sign in with a name and a password of ours: `CLINCH_LOCAL_SIGN_IN`. */
@Injectable()
export class LocalSignIn {
  private held: { readonly answer: boolean; readonly until: number } | undefined;

  constructor(
    private readonly config: ClinchConfig,
    private readonly database: Database,
  ) {}

  /** False when an operator has switched it off. */
  get isAllowed(): boolean {
    return this.config.localSignIn !== 'off';
  }

  /** Whether the form is worth showing: with `auto`, when somebody has a password to type. */
  async isOffered(): Promise<boolean> {
    if (this.config.localSignIn !== 'auto') return this.isAllowed;
    if (this.held === undefined || this.held.until <= Date.now()) {
      const asked = performance.now();
      const answer = (await this.database.first(ANY_PASSWORD)) !== undefined;
      const rest = Math.max(STALE_AFTER_MS, REST * (performance.now() - asked));
      this.held = { answer, until: Date.now() + rest };
    }
    return this.held.answer;
  }
}
