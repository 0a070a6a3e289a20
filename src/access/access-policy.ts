import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { AccessConditions } from './access-conditions.js';
import {
  NO_RIGHTS,
  type AccessDecision,
  type AccessReason,
  type AccessRequest,
  type Rights,
} from './access-decision.js';
import { AppRoles } from './app-roles.js';
import { AssignmentLookup } from './assignment-lookup.js';
import { rightsOf, type AssignmentOfPerson } from './assignments-of-people.js';

/**
 * Who may use an app, and what they may do there. Asked before every code, and again at every token that is issued for
 * a person.
 *
 * `everyone` opens an app to all active accounts: assignments are of no weight then, but for the roles that come with
 * them. `assigned` opens it to those who are meant by an assignment that counts. Either way its rule must hold too.
 */
@Injectable()
export class AccessPolicy {
  constructor(
    private readonly assignments: AssignmentLookup,
    private readonly roles: AppRoles,
    private readonly conditions: AccessConditions,
  ) {}

  async decide(account: Account, client: Client, request: AccessRequest): Promise<AccessDecision> {
    if (account.status !== 'active') return { allowed: false, reason: { kind: 'not_active' }, ...NO_RIGHTS };
    const assignments = await this.assignmentsOf(account.id, client);
    const rights = rightsOf(assignments);
    const reason = reasonOf(client.metadata.access, assignments);
    if (!isEntry(reason)) return { allowed: false, reason, ...rights };
    const fault = await this.conditions.fault({ account, client, ...rights }, request);
    return { allowed: fault === undefined, reason: fault ?? reason, ...rights };
  }

  /** What somebody may do in an app, whether or not they may enter it now. */
  async rightsOf(account: Account, client: Client): Promise<Rights> {
    return rightsOf(await this.assignmentsOf(account.id, client));
  }

  /** Not even asked for where they say nothing: the app is open to everyone and has no roles. */
  private async assignmentsOf(accountId: string, client: Client): Promise<AssignmentOfPerson[]> {
    const isOpen = client.metadata.access === 'everyone';
    if (isOpen && (await this.roles.of(client.id)).length === 0) return [];
    return this.assignments.ofPerson(accountId, client);
  }
}

/**
 * What the assignments of somebody come to, rule aside.
 *
 * @param access the app's
 */
export function reasonOf(access: 'everyone' | 'assigned', assignments: readonly AssignmentOfPerson[]): AccessReason {
  if (access === 'everyone') return { kind: 'everyone' };
  const [live] = inState(assignments, 'live');
  if (live !== undefined) return { kind: 'assigned', assignment: referenceTo(live) };
  const [ended] = inState(assignments, 'ended');
  if (ended !== undefined) return { kind: 'ended', assignment: referenceTo(ended) };
  const [off] = inState(assignments, 'switched_off');
  return off === undefined ? { kind: 'not_assigned' } : { kind: 'switched_off', assignment: referenceTo(off) };
}

/** Whether a reason is one to let somebody in. */
export function isEntry({ kind }: AccessReason): boolean {
  return kind === 'everyone' || kind === 'assigned';
}

function inState(assignments: readonly AssignmentOfPerson[], state: AssignmentOfPerson['state']): AssignmentOfPerson[] {
  return assignments.filter((assignment) => assignment.state === state);
}

function referenceTo({ id, subject }: AssignmentOfPerson) {
  return { id, subject };
}
