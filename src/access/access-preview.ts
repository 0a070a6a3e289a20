import { Injectable } from '@nestjs/common';
import { PERSONAL_DATA_SCOPE, PersonalData, personalFieldsOf } from '../accounts/personal-data.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrators } from '../admin/administrators.js';
import { Problem } from '../admin/problem.js';
import type { Client } from '../app-registry/client.js';
import { Expressions } from '../expressions/expressions.js';
import { AccessComparison, type AccessSide, type Counted } from './access-comparison.js';
import { AccessExplanations, personReference } from './access-explanations.js';
import type { AccessRequest } from './access-decision.js';
import { ruleFault } from './access-rule-check.js';
import { AssignmentDrafts, type Drafted } from './assignment-drafts.js';
import { AssignmentLookup } from './assignment-lookup.js';
import type { AssignmentOfPerson } from './assignments-of-people.js';
import { PersonInApp } from './person-in-app.js';
import type { AccessDraft, AccessPreview as Preview, CountedPeople, DraftForPerson } from './preview.dto.js';

/** Seconds that a preview may take. */
const PATIENCE = 20;

/** Says what a change of access would come to, before it is made. */
@Injectable()
export class AccessPreview {
  constructor(
    private readonly comparison: AccessComparison,
    private readonly drafts: AssignmentDrafts,
    private readonly lookup: AssignmentLookup,
    private readonly explanations: AccessExplanations,
    private readonly expressions: Expressions,
    private readonly people: PersonInApp,
    private readonly administrators: Administrators,
    private readonly personalData: PersonalData,
  ) {}

  /**
   * @throws {AdminScopeError} 403 when the draft reads personal data and the actor may not
   * @throws {Problem} when the draft could not be saved either, or speaks of what there is not
   */
  async of(client: Client, draft: AccessDraft, actor: AdminActor): Promise<Preview> {
    this.refuseRule(draft.access_rule);
    const personal = this.personalFields(draft.access_rule);
    // A rule of one's own making says anything about anybody, a digit at a time.
    if (personal.length > 0) await this.administrators.require(actor, PERSONAL_DATA_SCOPE);
    const after = client.with(changed(draft));
    const rules = [client.metadata.accessRule, after.metadata.accessRule];
    const { address, amr } = draft;
    const request = this.explanations.requestFor(rules, {
      ...(address === undefined ? {} : { address }),
      ...(amr === undefined ? {} : { amr: amr.join(' ') }),
    });
    const drafted = await this.drafts.read(client.id, draft.assignments ?? {});
    const sides = { now: asItIs(client, drafted), draft: asItWouldBe(after, drafted) };
    const user = draft.user === undefined ? null : await this.forPerson(draft.user, sides, drafted, request);
    const found = await this.comparison.compare(sides.now, sides.draft, request, {
      added: drafted.added,
      patience: PATIENCE,
    });
    const told = [...found.gained.people, ...found.lost.people, ...found.kept.people].map(({ id }) => id);
    for (const id of new Set([...told, ...(draft.user === undefined ? [] : [draft.user])])) {
      this.personalData.noteReading(actor, id, personal);
    }
    return {
      gained: counted(found.gained),
      lost: counted(found.lost),
      kept: counted(found.kept),
      people: found.people,
      complete: found.complete,
      user,
    };
  }

  private refuseRule(rule: string | null | undefined): void {
    const fault = typeof rule === 'string' ? ruleFault(this.expressions, rule) : undefined;
    if (fault !== undefined) throw Problem.ofFields([{ field: 'access_rule', problem: fault }]);
  }

  private personalFields(rule: string | null | undefined): string[] {
    return typeof rule === 'string' ? personalFieldsOf(this.expressions.check(rule, 'access').reads) : [];
  }

  private async forPerson(
    id: string,
    sides: { readonly now: AccessSide; readonly draft: AccessSide },
    { added }: Drafted,
    request: AccessRequest,
  ): Promise<DraftForPerson> {
    const account = await this.people.personIfAny(id);
    if (account === undefined) throw Problem.ofFields([{ field: 'user', problem: 'is no user here' }]);
    const all = (await this.lookup.ofPeople([id], sides.now.client, added)).get(id) ?? [];
    const explain = ({ client, counts }: AccessSide) =>
      this.explanations.explain(
        account,
        client,
        all.filter((each) => counts(each)),
        request,
      );
    const [now, draft] = [await explain(sides.now), await explain(sides.draft)];
    return {
      now,
      draft,
      difference: draft.allowed ? (now.allowed ? 'keeps' : 'gains') : now.allowed ? 'loses' : 'stays_out',
      roles_gained: draft.roles.filter((role) => !now.roles.includes(role)),
      roles_lost: now.roles.filter((role) => !draft.roles.includes(role)),
    };
  }
}

function changed({ access, access_rule: accessRule }: AccessDraft) {
  return { ...(access === undefined ? {} : { access }), ...(accessRule === undefined ? {} : { accessRule }) };
}

function asItIs(client: Client, { added }: Drafted): AccessSide {
  const fresh = new Set(added.map(({ id }) => id));
  return { client, counts: ({ id }: AssignmentOfPerson) => !fresh.has(id) };
}

function asItWouldBe(client: Client, { removed }: Drafted): AccessSide {
  return { client, counts: ({ id }: AssignmentOfPerson) => !removed.has(id) };
}

function counted({ count, people }: Counted): CountedPeople {
  return { count, users: people.map((account) => personReference(account)) };
}
