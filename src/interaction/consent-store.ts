import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Client } from '../app-registry/client.js';
import { Database, statement } from '../database/database.js';
import { ConsentEntity } from './consent.entity.js';

const FIND = statement(
  'consent_find',
  'SELECT scope FROM consents WHERE account_id = $1 AND client_id = $2 AND granted_at >= $3',
);
const SAVE = statement(
  'consent_save',
  `INSERT INTO consents (account_id, client_id, scope, granted_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT (account_id, client_id) DO UPDATE SET scope = excluded.scope, granted_at = excluded.granted_at`,
);
const WITHDRAW = statement('consent_withdraw', 'DELETE FROM consents WHERE account_id = $1 AND client_id = $2');

/** What people agreed to, for each app: the union of what they agreed to over time. */
@Injectable()
export class ConsentStore {
  constructor(
    private readonly database: Database,
    @InjectRepository(ConsentEntity) readonly repository: Repository<ConsentEntity>,
  ) {}

  /** What was agreed to since the app was registered: an earlier app of the same id was another app. */
  async find(accountId: string, client: Client): Promise<readonly string[]> {
    const since = client.metadata.createdAt.getTime();
    const row = await this.database.first<{ scope: string }>(FIND, accountId, client.id, since);
    return row?.scope.split(' ') ?? [];
  }

  async add(accountId: string, client: Client, scope: readonly string[]): Promise<void> {
    const known = await this.find(accountId, client);
    const all = [...new Set([...known, ...scope])].filter((token) => token !== '');
    await this.database.run(SAVE, accountId, client.id, all.join(' '), Date.now());
  }

  /** @returns whether there was one */
  async withdraw(accountId: string, clientId: string): Promise<boolean> {
    return (await this.database.run(WITHDRAW, accountId, clientId)) === 1;
  }
}
