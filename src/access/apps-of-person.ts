import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { ClientList } from '../app-registry/client-list.js';
import type { Client } from '../app-registry/client.js';
import { AccessConditions, hasConditions, type RequestPart } from './access-conditions.js';
import type { AccessReason, AccessRequest, Rights } from './access-decision.js';
import { isEntry, reasonOf } from './access-policy.js';
import { AssignmentLookup } from './assignment-lookup.js';
import { rightsOf } from './assignments-of-people.js';

/** Grants by which a person enters an app. Apps without one act for themselves only, unless a template opens them. */
const FOR_PEOPLE = ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'];

/** An app that somebody may open, why, and what they may do there. */
export interface OpenApp extends Rights {
  readonly client: Client;
  readonly reason: AccessReason;
  /** What the app's rule looks at and nobody has said: then it was not asked. */
  readonly dependsOn: readonly RequestPart[];
}

/** What is known of the request. */
type Known = Partial<Pick<AccessRequest, 'address' | 'amr'>>;

/** What somebody may open: the apps in memory, one statement for the assignments, and the rules all together. */
@Injectable()
export class AppsOfPerson {
  constructor(
    private readonly clients: ClientList,
    private readonly assignments: AssignmentLookup,
    private readonly conditions: AccessConditions,
  ) {}

  /** The apps that the person may open, by name. */
  async of(account: Account, request: Pick<AccessRequest, 'address' | 'amr'>): Promise<Client[]> {
    return (await this.withReasons(account, request)).map(({ client }) => client);
  }

  /** As `of`, with what it comes from. */
  async withReasons(account: Account, known: Known): Promise<OpenApp[]> {
    if (account.status !== 'active') return [];
    const clients = (await this.clients.enabled()).filter((client) => isForPeople(client));
    const assignments = await this.assignments.ofPersonIn(account.id, clients);
    const meant = clients.flatMap((client) => {
      const ofApp = assignments.get(client.id) ?? [];
      const reason = reasonOf(client.metadata.access, ofApp);
      const dependsOn = this.conditions.needs(client.metadata.accessRule).filter((part) => known[part] === undefined);
      return isEntry(reason) ? [{ client, reason, dependsOn, ...rightsOf(ofApp) }] : [];
    });
    const asked = { address: '', amr: [], ...known, endpoint: 'portal' } as const;
    const strict = meant.filter(({ client, dependsOn }) => hasConditions(client) && dependsOn.length === 0);
    const faults = await this.conditions.faults(
      strict.map((app) => ({ ...app, account })),
      asked,
    );
    // An app whose rule could not be asked just now is not listed either: nobody could open it in this moment.
    const closed = new Set(strict.filter((_, index) => faults[index] !== undefined));
    return meant.filter((app) => !closed.has(app)).toSorted(byName);
  }
}

function isForPeople(client: Client): boolean {
  return client.metadata.template !== null || FOR_PEOPLE.some((grant) => client.mayUseGrant(grant));
}

function byName(one: OpenApp, other: OpenApp): number {
  return one.client.name.localeCompare(other.client.name) || (one.client.id < other.client.id ? -1 : 1);
}
