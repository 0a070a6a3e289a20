import { Injectable } from '@nestjs/common';
import { Problem } from '../admin/problem.js';
import type { Account } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { AccessConditions } from './access-conditions.js';
import type { AccessReason, AccessRequest } from './access-decision.js';
import { isEntry, reasonOf } from './access-policy.js';
import { reasonInWords, throughInWords } from './access-words.js';
import type { NamedSubject } from './assignment.dto.js';
import { rightsOf, type AssignmentOfPerson } from './assignments-of-people.js';
import type {
  AccessExplanation,
  ExplainedAssignment,
  ExplainedPermission,
  ExplainedRule,
  RequestQuery,
} from './explanation.dto.js';
import { subjectKey, SubjectNames, type Subject } from './subject-names.js';

/** Says why somebody may enter an app, or may not: the same facts as the decision goes by, all of them and with names. */
@Injectable()
export class AccessExplanations {
  constructor(
    private readonly conditions: AccessConditions,
    private readonly names: SubjectNames,
  ) {}

  /**
   * @param client the app as it is, or as it would be
   * @param assignments all that speak of the person
   */
  async explain(
    account: Account,
    client: Client,
    assignments: readonly AssignmentOfPerson[],
    request: AccessRequest,
  ): Promise<AccessExplanation> {
    const rights = rightsOf(assignments);
    const meant = reasonOf(client.metadata.access, assignments);
    // Judged also for those who are not meant: whoever assigns them wants to know what comes next.
    const fault = await this.conditions.fault({ account, client, ...rights }, request);
    const active = account.status === 'active';
    const reason: AccessReason = !active ? { kind: 'not_active' } : isEntry(meant) ? (fault ?? meant) : meant;
    const names = await this.names.of(assignments.flatMap((each) => [each.subject, throughOf(each)]));
    const explained = assignments.map((each) => explainedAssignment(each, names));
    return {
      user: personReference(account),
      client_id: client.id,
      allowed: isEntry(reason),
      reason: {
        kind: reason.kind,
        assignment: 'assignment' in reason ? reason.assignment.id : null,
        text: reasonInWords(reason, explained),
      },
      access: client.metadata.access,
      assignments: explained,
      rule: ruleOf(client, fault),
      roles: [...rights.roles],
      permissions: permissionsOf(assignments),
    };
  }

  /**
   * The request that a rule is asked about.
   *
   * @throws {Problem} when the rule looks at what was not said
   */
  requestFor(rules: readonly (string | null)[], { address, amr }: RequestQuery): AccessRequest {
    const needed = new Set(rules.flatMap((rule) => this.conditions.needs(rule)));
    const errors = [...needed].filter((part) => (part === 'address' ? address : amr) === undefined);
    if (errors.length > 0) {
      throw Problem.ofFields(
        errors.map((field) => ({ field, problem: `is required: the rule reads request.${field}` })),
      );
    }
    return { endpoint: 'authorize', address: address ?? '', amr: amr?.split(' ') ?? [] };
  }
}

export function personReference({ id, username, claims }: Account) {
  return { id, username, name: typeof claims['name'] === 'string' ? claims['name'] : null };
}

function throughOf({ subject, through }: AssignmentOfPerson): Subject {
  return { type: subject.type, id: through };
}

function explainedAssignment(assignment: AssignmentOfPerson, names: ReadonlyMap<string, string>): ExplainedAssignment {
  const { id, subject, depth, state, role, endsAt } = assignment;
  const named = (of: Subject): NamedSubject => ({ type: of.type, id: of.id, name: names.get(subjectKey(of)) ?? null });
  const through = depth > 0 ? named(throughOf(assignment)) : null;
  return {
    id,
    subject: named(subject),
    through,
    state,
    role: role?.name ?? null,
    ends_at: endsAt?.toISOString() ?? null,
    text: throughInWords(named(subject), through),
  };
}

function ruleOf({ metadata }: Client, fault: AccessReason | undefined): ExplainedRule | null {
  const { accessRule: expression } = metadata;
  if (expression === null) return null;
  if (fault?.kind === 'rule_failed') return { expression, outcome: 'failed', failure: fault.failure };
  return { expression, outcome: fault?.kind === 'rule_refused' ? 'refused' : 'passed', failure: null };
}

function permissionsOf(assignments: readonly AssignmentOfPerson[]): ExplainedPermission[] {
  const found = new Map<string, { roles: Set<string>; assignments: Set<string> }>();
  for (const { id, state, role } of assignments) {
    if (state !== 'live' || role === undefined) continue;
    for (const permission of role.permissions) {
      const known = found.get(permission) ?? { roles: new Set(), assignments: new Set() };
      known.roles.add(role.name);
      known.assignments.add(id);
      found.set(permission, known);
    }
  }
  return [...found]
    .map(([permission, from]) => ({ permission, roles: [...from.roles], assignments: [...from.assignments] }))
    .toSorted((one, other) => (one.permission < other.permission ? -1 : 1));
}
