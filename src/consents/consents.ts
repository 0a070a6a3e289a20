import { Injectable } from '@nestjs/common';
import type { PageRequest } from '../admin/list-page.js';
import type { ConsentEntity } from '../interaction/consent.entity.js';
import { ConsentStore } from '../interaction/consent-store.js';
import type { ConsentQuery } from './consent.dto.js';

/** An account's id has no dot; an app's may. */
const ID = /^([A-Za-z0-9_-]{1,64})\.([\x21-\x7e]{1,64})$/;

type Key = Pick<ConsentEntity, 'accountId' | 'clientId'>;

/** The id of a consent in the admin API: whose it is, and to what. */
export function consentId({ accountId, clientId }: Key): string {
  return `${accountId}.${clientId}`;
}

/** Reads consents for the admin API. */
@Injectable()
export class Consents {
  constructor(private readonly store: ConsentStore) {}

  async list({ limit, after }: PageRequest, filter: ConsentQuery): Promise<ConsentEntity[]> {
    const query = this.store.repository
      .createQueryBuilder('consent')
      .orderBy('consent.accountId')
      .addOrderBy('consent.clientId')
      .take(limit + 1);
    const { user_id: accountId, client_id: clientId } = filter;
    if (accountId !== undefined) query.andWhere('consent.accountId = :accountId', { accountId });
    if (clientId !== undefined) query.andWhere('consent.clientId = :clientId', { clientId });
    const last = after === undefined ? undefined : keyOf(after);
    if (last !== undefined) {
      query.andWhere(
        '(consent.accountId > :lastAccount OR (consent.accountId = :lastAccount AND consent.clientId > :lastClient))',
        { lastAccount: last.accountId, lastClient: last.clientId },
      );
    }
    return query.getMany();
  }

  async find(id: string): Promise<ConsentEntity | null> {
    const key = keyOf(id);
    return key === undefined ? null : this.store.repository.findOneBy(key);
  }
}

function keyOf(id: string): Key | undefined {
  const [, accountId, clientId] = ID.exec(id) ?? [];
  return accountId === undefined || clientId === undefined ? undefined : { accountId, clientId };
}
