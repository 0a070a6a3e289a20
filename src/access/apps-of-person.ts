import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { ClientList } from '../app-registry/client-list.js';
import type { Client } from '../app-registry/client.js';
import { Database, statement } from '../database/database.js';
import { AccessConditions, hasConditions } from './access-conditions.js';
import type { AccessReason, AccessRequest, Rights } from './access-decision.js';
import { isEntry, reasonOf } from './access-policy.js';
import {
  assignmentsFromRows,
  assignmentsOfPeople,
  rightsOf,
  type AssignmentOfPerson,
  type AssignmentRow,
} from './assignments-of-people.js';

/** Grants by which a person enters an app. Apps without one act for themselves only. */
const FOR_PEOPLE = ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'];

// One statement for all apps: what was assigned to this person, and the roles that come with it.
const OF_PERSON = statement(
  'assignments_of_person_everywhere',
  assignmentsOfPeople((column) => `${column} = $1`),
);

/** An app that somebody may open, why, and what they may do there. */
export interface OpenApp extends Rights {
  readonly client: Client;
  readonly reason: AccessReason;
}

/** What somebody may open: the apps in memory, one statement for the assignments, and the rules all together. */
@Injectable()
export class AppsOfPerson {
  constructor(
    private readonly clients: ClientList,
    private readonly database: Database,
    private readonly conditions: AccessConditions,
  ) {}

  /** The apps that the person may open, by name. */
  async of(account: Account, request: Pick<AccessRequest, 'address' | 'amr'>): Promise<Client[]> {
    return (await this.withReasons(account, request)).map(({ client }) => client);
  }

  /** As `of`, with what it comes from. */
  async withReasons(account: Account, request: Pick<AccessRequest, 'address' | 'amr'>): Promise<OpenApp[]> {
    if (account.status !== 'active') return [];
    const clients = (await this.clients.enabled()).filter((client) =>
      FOR_PEOPLE.some((grant) => client.mayUseGrant(grant)),
    );
    const assignments = await this.assignmentsOf(account.id, clients);
    const meant = clients.flatMap((client) => {
      const ofApp = assignments.get(client.id) ?? [];
      const reason = reasonOf(client.metadata.access, ofApp);
      return isEntry(reason) ? [{ client, reason, ...rightsOf(ofApp) }] : [];
    });
    const asked = { ...request, endpoint: 'portal' } as const;
    const strict = meant.filter(({ client }) => hasConditions(client));
    const faults = await this.conditions.faults(
      strict.map((app) => ({ ...app, account })),
      asked,
    );
    const closed = new Set(strict.filter((_, index) => faults[index] !== undefined));
    return meant.filter((app) => !closed.has(app)).toSorted(byName);
  }

  private async assignmentsOf(
    accountId: string,
    clients: readonly Client[],
  ): Promise<Map<string, AssignmentOfPerson[]>> {
    const registered = new Map(clients.map(({ id, metadata }) => [id, metadata.createdAt]));
    const rows = await this.database.all<AssignmentRow>(OF_PERSON, accountId);
    const byApp = new Map<string, AssignmentOfPerson[]>();
    for (const assignment of assignmentsFromRows(rows, (clientId) => registered.get(clientId))) {
      const known = byApp.get(assignment.clientId);
      if (known === undefined) byApp.set(assignment.clientId, [assignment]);
      else known.push(assignment);
    }
    return byApp;
  }
}

function byName(one: OpenApp, other: OpenApp): number {
  return one.client.name.localeCompare(other.client.name) || (one.client.id < other.client.id ? -1 : 1);
}
