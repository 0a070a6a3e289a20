import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Client } from '../app-registry/client.js';
import { CustomScopes } from '../custom-scopes/custom-scopes.js';
import type { Note } from '../audit/audit-log.js';
import { Database, statement } from '../database/database.js';
import { nameWithinAny } from './api-scope.js';
import { ConsentEntity } from './consent.entity.js';

const OF_PERSON = statement(
  'consent_of_person',
  'SELECT client_id, scope, granted_at FROM consents WHERE account_id = $1',
);
const LATEST = statement(
  'consent_latest',
  'SELECT scope, granted_at FROM consents WHERE account_id = $1 AND client_id = $2',
);
const FIRST = statement(
  'consent_first',
  `INSERT INTO consents (account_id, client_id, scope, granted_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (account_id, client_id) DO NOTHING`,
);
// Only over what was read: of two that are given at once, the second one is added to the first. What was withdrawn
// meanwhile is not there to be changed, so that it does not come back with what was read before.
const EXTEND = statement(
  'consent_extend',
  `UPDATE consents SET scope = $3, granted_at = $4
   WHERE account_id = $1 AND client_id = $2 AND scope = $5 AND granted_at = $6`,
);
const WITHDRAW = statement('consent_withdraw', 'DELETE FROM consents WHERE account_id = $1 AND client_id = $2');

/** Each that fails is one that another consent, or a withdrawal, has won. */
const MOST_TRIES = 50;

/** What somebody agreed to, and when last. */
export interface Consent {
  readonly scope: readonly string[];
  readonly grantedAt: Date;
}

interface Row {
  readonly scope: string;
  readonly granted_at: number | string;
}

/** What people agreed to, for each app: the union of what they agreed to over time. */
@Injectable()
export class ConsentStore {
  constructor(
    private readonly database: Database,
    private readonly customScopes: CustomScopes,
    @InjectRepository(ConsentEntity) readonly repository: Repository<ConsentEntity>,
  ) {}

  /**
   * What was agreed to since the app was registered: an earlier app of the same id was another app. So is a scope of the
   * operator's own another one that was made, or said something else, after that.
   */
  async find(accountId: string, client: Client): Promise<readonly string[]> {
    return this.agreedSince(await this.database.first<Row>(LATEST, accountId, client.id), client);
  }

  /** The same of all apps at once. @param clients all that there are, by id */
  async ofPerson(accountId: string, clients: ReadonlyMap<string, Client>): Promise<ReadonlyMap<string, Consent>> {
    const rows = await this.database.all<Row & { client_id: string }>(OF_PERSON, accountId);
    const found = new Map<string, Consent>();
    for (const row of rows) {
      const since = clients.get(row.client_id)?.metadata.createdAt.getTime() ?? Infinity;
      if (Number(row.granted_at) < since) continue;
      found.set(row.client_id, { scope: await this.stillAgreed(row), grantedAt: new Date(Number(row.granted_at)) });
    }
    return found;
  }

  /** Adds to what was agreed to and not withdrawn since. */
  async add(accountId: string, client: Client, scope: readonly string[]): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const row = await this.database.first<Row>(LATEST, accountId, client.id);
      const all = [...new Set([...(await this.agreedSince(row, client)), ...scope])].filter((token) => token !== '');
      const values = [accountId, client.id, all.join(' '), Date.now()] as const;
      const saved =
        row === undefined
          ? await this.database.run(FIRST, ...values)
          : await this.database.run(EXTEND, ...values, row.scope, Number(row.granted_at));
      if (saved === 1) return;
    }
    throw new Error('others gave or withdrew their consent in the same moment again and again');
  }

  /**
   * @param note what is written with it
   * @returns whether there was one
   */
  async withdraw(accountId: string, clientId: string, note: Note): Promise<boolean> {
    return this.database.dataSource.transaction(async (manager) => {
      const withdrawn = (await this.database.runIn(manager, WITHDRAW, accountId, clientId)) === 1;
      await note(manager);
      return withdrawn;
    });
  }

  private async agreedSince(row: Row | undefined, client: Client): Promise<readonly string[]> {
    const isOfThisApp = row !== undefined && Number(row.granted_at) >= client.metadata.createdAt.getTime();
    return isOfThisApp ? this.stillAgreed(row) : [];
  }

  private async stillAgreed(row: Row): Promise<readonly string[]> {
    const agreed = row.scope.split(' ');
    const known = await this.customScopes.among(agreed.flatMap((token) => [token, nameWithinAny(token)]));
    const grantedAt = Number(row.granted_at);
    const others = new Set(known.flatMap((each) => (each.consentSince.getTime() > grantedAt ? [each.name] : [])));
    return agreed.filter((token) => !others.has(token) && !others.has(nameWithinAny(token)));
  }
}
