import { Injectable } from '@nestjs/common';
import { usernameKey } from '../accounts/account-store.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { Database, statement } from '../database/database.js';
import { newIdentifier } from '../protocol/opaque-token.js';

/** One of the names that a person has in an app. */
export interface AppAccountChoice {
  readonly id: string;
  readonly username: string;
  /** The person chose it at some time. */
  readonly chosenBefore: boolean;
}

/** The names that are kept of a person in an app. */
export interface NamesOfPerson {
  /** Those by hand: the one that was chosen last first, the others by name. */
  readonly choices: AppAccountChoice[];
  readonly byRule: readonly { readonly username: string; readonly rule: string }[];
}

/** A name that a rule made for somebody. */
export interface NameByRule {
  readonly username: string;
  readonly rule: string;
  readonly accountId: string;
  readonly clientId: string;
}

interface Row {
  readonly rule: string | null;
  readonly id: string;
  readonly username: string;
  readonly chosen_at: number | null;
}

/** Milliseconds: how long another node may believe that no name is kept in an app. */
const STALE_AFTER_MS = 1_000;

/** Apps held at a time; the one asked for longest ago makes room. */
const HELD = 5_000;

const ANY = statement('app_account_any', 'SELECT 1 AS there FROM app_accounts WHERE client_id = $1 LIMIT 1');
const OF_PERSON = statement(
  'app_account_of_person',
  'SELECT id, username, rule, chosen_at FROM app_accounts WHERE account_id = $1 AND client_id = $2',
);
const HELD_BY = statement(
  'app_account_held_by',
  'SELECT account_id, rule FROM app_accounts WHERE client_id = $1 AND username_key = $2',
);
// Of two people who would get the same name, one gets it.
const KEEP = statement(
  'app_account_keep',
  `INSERT INTO app_accounts (id, client_id, account_id, username, username_key, rule, chosen_at, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $7) ON CONFLICT DO NOTHING`,
);
// What stands in the way of a name: the same one that the person has by rule, and what an earlier rule of the app made.
const RELEASE = statement(
  'app_account_release',
  `DELETE FROM app_accounts
   WHERE client_id = $1 AND rule IS NOT NULL
     AND ((account_id = $2 AND username_key = $3) OR (rule <> $4 AND (account_id = $2 OR username_key = $3)))`,
);
const RENAME = statement(
  'app_account_rename',
  `UPDATE app_accounts SET username = $4, username_key = $5, updated_at = $6
   WHERE client_id = $1 AND account_id = $2 AND rule = $3
     AND NOT EXISTS (SELECT 1 FROM app_accounts o WHERE o.client_id = $1 AND o.username_key = $5)`,
);
const CHOSEN = statement(
  'app_account_chosen',
  'UPDATE app_accounts SET chosen_at = $4 WHERE id = $1 AND account_id = $2 AND client_id = $3',
);

/** The names that were given by hand, and those by rule that are in use. Most apps have none, which is remembered for a second: their tokens cost no query. */
@Injectable()
export class AppAccountStore {
  private readonly held = new Map<string, { readonly any: Promise<boolean>; readonly until: number }>();

  constructor(private readonly database: Database) {}

  async ofPerson(accountId: string, clientId: string): Promise<NamesOfPerson> {
    if (!(await this.hasAny(clientId))) return { choices: [], byRule: [] };
    const rows = await this.database.all<Row>(OF_PERSON, accountId, clientId);
    return {
      choices: rows
        .filter(({ rule }) => rule === null)
        .sort(lastChosenFirst)
        .map(({ id, username, chosen_at }) => ({ id, username, chosenBefore: chosen_at !== null })),
      byRule: rows.flatMap(({ username, rule }) => (rule === null ? [] : [{ username, rule }])),
    };
  }

  /**
   * Whose name that is in the app, by hand or by its rule.
   *
   * @param rule that the app has now: what another one made counts no more
   */
  async holderOf(username: string, clientId: string, rule: string | undefined): Promise<string | undefined> {
    return (await this.hasAny(clientId)) ? this.readHolder(username, clientId, rule) : undefined;
  }

  /**
   * Makes a name by rule the person's, in place of the one they had by this rule till now. If somebody else has it, that
   * one stays theirs too: nobody comes to it by a change of theirs that came to nothing.
   *
   * @returns whether it is theirs; false: somebody else has it
   */
  async keep({ username, rule, accountId, clientId }: NameByRule): Promise<boolean> {
    await this.release({ username, rule, accountId, clientId });
    const key = usernameKey(username);
    const now = Date.now();
    await this.database.run(RENAME, clientId, accountId, rule, username, key, now).catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
    });
    await this.database.run(KEEP, newIdentifier(), clientId, accountId, username, key, rule, now);
    this.forget(clientId);
    return (await this.readHolder(username, clientId, rule)) === accountId;
  }

  /** Makes room for a name of the person's, where a rule made what stands in its way. */
  async release({ username, rule, accountId, clientId }: NameByRule): Promise<void> {
    await this.database.run(RELEASE, clientId, accountId, usernameKey(username), rule);
  }

  /** Notes a choice, so that it comes first next time. */
  async chosen(id: string, accountId: string, clientId: string): Promise<void> {
    await this.database.run(CHOSEN, id, accountId, clientId, Date.now());
  }

  /** To be called after every change. */
  forget(clientId: string): void {
    this.held.delete(clientId);
  }

  private async readHolder(username: string, clientId: string, rule: string | undefined): Promise<string | undefined> {
    type Holder = Pick<Row, 'rule'> & { readonly account_id: string };
    const found = await this.database.first<Holder>(HELD_BY, clientId, usernameKey(username));
    return found === undefined || (found.rule !== null && found.rule !== rule) ? undefined : found.account_id;
  }

  private async hasAny(clientId: string): Promise<boolean> {
    const known = this.held.get(clientId);
    if (known !== undefined && known.until > Date.now()) return known.any;
    const any = this.database.first(ANY, clientId).then((row) => row !== undefined);
    this.held.delete(clientId);
    this.held.set(clientId, { any, until: Date.now() + STALE_AFTER_MS });
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value ?? '');
    any.catch(() => this.forget(clientId));
    return any;
  }
}

function lastChosenFirst(a: Row, b: Row): number {
  const byTime = (b.chosen_at ?? 0) - (a.chosen_at ?? 0);
  return byTime === 0 ? (a.username < b.username ? -1 : 1) : byTime;
}
