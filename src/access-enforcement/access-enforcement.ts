import { Injectable } from '@nestjs/common';
import { AccessComparison } from '../access/access-comparison.js';
import { AccessConditions } from '../access/access-conditions.js';
import { AssignmentLookup } from '../access/assignment-lookup.js';
import { AccountStore, type Account } from '../accounts/account-store.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { Client } from '../app-registry/client.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { AuditLog } from '../audit/audit-log.js';
import { partsOf } from '../database/json-rows.js';
import { AccessEnds } from './access-ends.js';
import { Holdings } from './holdings.js';

/** Milliseconds: so long another node may have the app as it was, and let somebody in by that. */
const STALE_MS = 1_000;

/** What came of it. */
export interface Enforced {
  /** How many people the app may have had something of. */
  readonly people: number;
  /** How many of them may not enter any more. */
  readonly ended: number;
  /** How many families of refresh tokens ended with that. */
  readonly families: number;
  /** False where the rule looks at the request: what it says to the next one, nobody knows. */
  readonly ruleJudged: boolean;
}

/** Makes a change of access hold now, and not only at the next sign-in or refresh. */
@Injectable()
export class AccessEnforcement {
  constructor(
    private readonly holdings: Holdings,
    private readonly ends: AccessEnds,
    private readonly comparison: AccessComparison,
    private readonly conditions: AccessConditions,
    private readonly lookup: AssignmentLookup,
    private readonly accounts: AccountStore,
    private readonly audit: AuditLog,
  ) {}

  /** @param app as it was just read: what this node has in memory may be older */
  async enforce(app: ClientEntity, actor: AdminActor): Promise<Enforced> {
    const ruleJudged = this.conditions.needs(app.accessRule).length === 0;
    const client = new Client(app, []).with(ruleJudged ? {} : { accessRule: null });
    const holders = await this.holdings.holders(client.id);
    let [ended, families] = [0, 0];
    for (const part of partsOf(holders)) {
      const gone = await this.keptOut(part, client);
      if (gone.length === 0) continue;
      families += await this.holdings.end(client.id, gone);
      await this.ends.end(client.id, gone, new Date(Date.now() + STALE_MS));
      ended += gone.length;
    }
    const found = { people: holders.length, ended, families };
    // Many steps, each for good. Who has no answer when it is over does it again: no answer without the event.
    await this.accounts.repository.manager.transaction(
      this.audit.noting('access.enforced', actor, { app: client.id, ...found }),
    );
    return { ...found, ruleJudged };
  }

  /** Those who may not enter, and those who are not there any more. */
  private async keptOut(ids: readonly string[], client: Client): Promise<string[]> {
    const accounts = (await this.accounts.findMany(ids)).filter(({ status }) => status === 'active');
    const assignments = await this.lookup.ofPeople(ids, client);
    const request = { endpoint: 'token', address: '', amr: [] } as const;
    const allowed = await this.comparison.mayEnter(accounts, assignments, { client, counts: () => true }, request);
    const staying = new Set(accounts.filter((_: Account, index) => allowed[index] === true).map(({ id }) => id));
    return ids.filter((id) => !staying.has(id));
  }
}
