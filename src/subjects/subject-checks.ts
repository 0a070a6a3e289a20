import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FieldProblem } from '../admin/problem.js';
import { AppChecks } from '../app-registry/app-checks.js';
import type { AppChanges } from '../app-registry/app.dto.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { expressionFault, Expressions } from '../expressions/expressions.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import { sectorOf } from './subject-rule.js';
import { SubjectRollCall } from './subject-roll-call.js';

/** Changes of these are why a sector is looked at again… */
const OF_SECTOR = ['sector_identifier_uri', 'redirect_uris', 'subject_type'] as const;
/** …and of these, why everybody's subject is. */
const OF_EVERYBODY = ['subject_expression', 'subject_type', 'access', 'scope', 'client_name'] as const;

/** Judges how an app would name people, when it is saved. */
@Injectable()
export class SubjectChecks implements OnModuleInit {
  constructor(
    private readonly checks: AppChecks,
    private readonly expressions: Expressions,
    private readonly rollCall: SubjectRollCall,
    private readonly outbound: OutboundHttp,
  ) {}

  onModuleInit(): void {
    this.checks.declare(async (app, fields) => [
      ...(await this.sectorProblems(app, fields)),
      ...(await this.expressionProblems(app, fields)),
    ]);
  }

  /** OpenID Connect Registration 1.0 §5. */
  private async sectorProblems(app: ClientEntity, fields: AppChanges): Promise<FieldProblem[]> {
    const { subjectType, sectorIdentifierUri: uri } = app;
    if (uri === null) {
      return subjectType === 'pairwise' && sectorOf(app) === undefined
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

  private async expressionProblems(app: ClientEntity, fields: AppChanges): Promise<FieldProblem[]> {
    const { subjectExpression: text, subjectType } = app;
    if (text === null) return [];
    if (subjectType === 'pairwise') {
      return problem(
        'subject_expression',
        'may not stand beside subject_type pairwise, which makes the subjects itself',
      );
    }
    const { problem: fault } = this.expressions.check(text, 'subject');
    if (fault !== undefined) return problem('subject_expression', expressionFault(fault));
    if (!OF_EVERYBODY.some((field) => fields[field] !== undefined)) return [];
    const found = await this.rollCall.of(app, text);
    return found.map((each) => ({ field: 'subject_expression', problem: each }));
  }
}

function problem(field: string, text: string): FieldProblem[] {
  return [{ field, problem: text }];
}
