import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';

/** One of the names that a person has in an app. */
export interface AppAccountChoice {
  readonly id: string;
  readonly username: string;
  /** The person chose it at some time. */
  readonly chosenBefore: boolean;
}

interface Row {
  readonly id: string;
  readonly username: string;
  readonly chosen_at: number | null;
}

/** Milliseconds: how long another node may believe that nobody has a name by hand in an app. */
const STALE_AFTER_MS = 1_000;

/** Apps held at a time; the one asked for longest ago makes room. */
const HELD = 5_000;

const ANY = statement('app_account_any', 'SELECT 1 AS there FROM app_accounts WHERE client_id = $1 LIMIT 1');
const OF_PERSON = statement(
  'app_account_of_person',
  'SELECT id, username, chosen_at FROM app_accounts WHERE account_id = $1 AND client_id = $2',
);
const HELD_BY = statement(
  'app_account_held_by',
  'SELECT account_id FROM app_accounts WHERE client_id = $1 AND username = $2',
);
const CHOSEN = statement(
  'app_account_chosen',
  'UPDATE app_accounts SET chosen_at = $4 WHERE id = $1 AND account_id = $2 AND client_id = $3',
);

/** The names that were given by hand. Most apps have none, which is remembered for a second: their tokens cost no query. */
@Injectable()
export class AppAccountStore {
  private readonly held = new Map<string, { readonly any: Promise<boolean>; readonly until: number }>();

  constructor(private readonly database: Database) {}

  /** Those of a person, the one that was chosen last first, the others by name. */
  async ofPerson(accountId: string, clientId: string): Promise<AppAccountChoice[]> {
    if (!(await this.hasAny(clientId))) return [];
    const rows = await this.database.all<Row>(OF_PERSON, accountId, clientId);
    return rows
      .sort(lastChosenFirst)
      .map(({ id, username, chosen_at }) => ({ id, username, chosenBefore: chosen_at !== null }));
  }

  /** Whose name by hand that is in the app. */
  async holderOf(username: string, clientId: string): Promise<string | undefined> {
    if (!(await this.hasAny(clientId))) return undefined;
    return (await this.database.first<{ account_id: string }>(HELD_BY, clientId, username))?.account_id;
  }

  /** Notes a choice, so that it comes first next time. */
  async chosen(id: string, accountId: string, clientId: string): Promise<void> {
    await this.database.run(CHOSEN, id, accountId, clientId, Date.now());
  }

  /** To be called after every change. */
  forget(clientId: string): void {
    this.held.delete(clientId);
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
