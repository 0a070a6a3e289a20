import { Injectable } from '@nestjs/common';
import { Problem, type FieldProblem } from '../admin/problem.js';
import { ApiResources } from '../api-resource/api-resources.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { apiAccessProblems } from './api-access-rules.js';
import { AppChecks, type ChangeOfApp } from './app-checks.js';
import type { AppChanges } from './app.dto.js';
import { appProblems, metadataErrorOf } from './app-rules.js';
import { responseTypeProblems } from './app-wire.js';
import type { ClientEntity } from './client.entity.js';
import { GrantTypes } from './grant-types.js';

type JudgedChange = ChangeOfApp & { readonly idFault: string | undefined };

/** Holds an app against all rules there are, with what they must know of this server. */
@Injectable()
export class AppJudge {
  constructor(
    private readonly grantTypes: GrantTypes,
    private readonly apis: ApiResources,
    private readonly checks: AppChecks,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * @param app as it would be
   * @param fields what was sent to make it so
   * @param change the app as it is, who would change it, and what is wrong with the id that was sent, if anything
   * @throws {Problem} with everything that is wrong at once
   */
  async judge(app: ClientEntity, fields: AppChanges, change: JudgedChange): Promise<void> {
    const errors = await this.problems(app, fields, change);
    if (errors.length > 0) throw Problem.ofFields(errors, metadataErrorOf(errors));
  }

  /** The same, for those who save nothing. */
  async problems(app: ClientEntity, fields: AppChanges, change: JudgedChange): Promise<FieldProblem[]> {
    const { idFault } = change;
    const errors = [
      ...(idFault === undefined ? [] : [{ field: 'client_id', problem: idFault }]),
      ...(await appProblems(app, {
        grants: this.grantTypes.all(),
        adminScopes: this.apis.admin().scopes.map(({ name }) => name),
        loopback: this.config.loopback,
        outboundAllow: this.config.outboundAllow,
      })),
      ...responseTypeProblems(app, fields),
      ...(await apiAccessProblems(fields.api_access ?? [], (identifier) => this.apis.find(identifier))),
    ];
    // What takes a look at people is not worth it for an app that is unacceptable anyway.
    if (errors.length === 0) errors.push(...(await this.checks.problems(app, fields, change)));
    return errors;
  }
}
