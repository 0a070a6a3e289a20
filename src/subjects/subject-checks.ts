import { Injectable, type OnModuleInit } from '@nestjs/common';
import { READ_PEOPLE } from '../access/person-in-app.js';
import { PERSONAL_DATA_SCOPE, PersonalData } from '../accounts/personal-data.js';
import { Administrators } from '../admin/administrators.js';
import type { FieldProblem } from '../admin/problem.js';
import { AppChecks, type ChangeOfApp } from '../app-registry/app-checks.js';
import type { AppChanges } from '../app-registry/app.dto.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { expressionFault, Expressions } from '../expressions/expressions.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import { scopeTokens } from '../protocol/scope.js';
import { sectorOf } from './subject-rule.js';
import { SubjectRollCall } from './subject-roll-call.js';

/** Changes of these are why a sector is looked at again. */
const OF_SECTOR = ['sector_identifier_uri', 'redirect_uris', 'subject_type'] as const;

/** Judges how an app would name people, when it is saved. */
@Injectable()
export class SubjectChecks implements OnModuleInit {
  constructor(
    private readonly checks: AppChecks,
    private readonly expressions: Expressions,
    private readonly rollCall: SubjectRollCall,
    private readonly outbound: OutboundHttp,
    private readonly personalData: PersonalData,
    private readonly administrators: Administrators,
  ) {}

  onModuleInit(): void {
    this.checks.declare(async (app, fields, change) => [
      ...(await this.sectorProblems(app, fields)),
      ...(await this.expressionProblems(app, change)),
    ]);
  }

  /** OpenID Connect Registration 1.0 §5. */
  private async sectorProblems(app: ClientEntity, fields: AppChanges): Promise<FieldProblem[]> {
    const { subjectType, sectorIdentifierUri: uri } = app;
    if (uri === null) {
      // An app that is opened by a template has no redirect URI to share: its sector is itself.
      const isAlone = app.template !== null && app.redirectUris.length === 0;
      return subjectType === 'pairwise' && sectorOf(app) === undefined && !isAlone
        ? problem('sector_identifier_uri', 'is needed for pairwise subjects: the redirect_uris have no one host')
        : [];
    }
    if (!OF_SECTOR.some((field) => fields[field] !== undefined)) return [];
    const listed = await this.listedAt(uri);
    if (listed === undefined) {
      return problem('sector_identifier_uri', 'did not answer with a JSON list of redirect URIs');
    }
    const missing = app.redirectUris.filter((redirectUri) => !listed.includes(redirectUri));
    return missing.length === 0 ? [] : problem('sector_identifier_uri', `does not list ${missing.join(', ')}`);
  }

  private async listedAt(uri: string): Promise<unknown[] | undefined> {
    try {
      const answer = await this.outbound.get(uri);
      const list: unknown = answer.status === 200 ? await answer.json() : undefined;
      return Array.isArray(list) ? list : undefined;
    } catch {
      // Whatever went wrong out there is nothing that the caller could not see for themselves.
      return undefined;
    }
  }

  private async expressionProblems(app: ClientEntity, change: ChangeOfApp): Promise<FieldProblem[]> {
    const { subjectExpression: text, subjectType } = app;
    if (text === null) return [];
    if (subjectType === 'pairwise') {
      return problem(
        'subject_expression',
        'may not stand beside subject_type pairwise, which makes the subjects itself',
      );
    }
    const { problem: fault, reads } = this.expressions.check(text, 'subject');
    if (fault !== undefined) return problem('subject_expression', expressionFault(fault));
    const { old, actor } = change;
    if (old?.subjectExpression !== text && readsPersonalData(reads) && !(await this.personalData.mayRead(actor))) {
      return problem('subject_expression', `reads personal data, for which ${PERSONAL_DATA_SCOPE} is needed`);
    }
    if (!mayUnfit(app, old, reads)) return [];
    const found = await this.rollCall.of(app, text);
    if (found.length === 0) return [];
    // A rule of one's own making would say anything about anybody: so to whom people may not be told, nobody is.
    if (!(await this.administrators.has(actor, READ_PEOPLE))) {
      return problem(
        'subject_expression',
        `does not fit everybody who may enter; whom, ${READ_PEOPLE} is needed to see`,
      );
    }
    return found.map((each) => ({ field: 'subject_expression', problem: each }));
  }
}

function readsPersonalData(reads: readonly string[]): boolean {
  return reads.some((path) => path === 'user' || /^user\.(email|phone_number)/.test(path));
}

/** Whether somebody can be without a subject by this change who was not before: what makes nothing worse is not held up. */
function mayUnfit(app: ClientEntity, old: ClientEntity | undefined, reads: readonly string[]): boolean {
  if (old === undefined) return true;
  if (old.subjectExpression !== app.subjectExpression || old.subjectType !== app.subjectType) return true;
  if (old.access === 'assigned' && app.access === 'everyone') return true;
  const [before, now] = [scopeTokens(old.scope), scopeTokens(app.scope)];
  const seesOther = ['email', 'phone'].some((token) => before.includes(token) !== now.includes(token));
  if (seesOther && readsPersonalData(reads)) return true;
  return old.clientName !== app.clientName && reads.some((path) => path === 'app' || path === 'app.name');
}

function problem(field: string, text: string): FieldProblem[] {
  return [{ field, problem: text }];
}
