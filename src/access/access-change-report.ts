import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PersonalData, personalFieldsOf } from '../accounts/personal-data.js';
import { AppReports } from '../app-registry/app-reports.js';
import type { AccessChange } from '../app-registry/app.dto.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { Client } from '../app-registry/client.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { Expressions } from '../expressions/expressions.js';
import { AccessComparison } from './access-comparison.js';
import { AccessConditions } from './access-conditions.js';
import { PersonInApp } from './person-in-app.js';

/** Seconds that the answer to a change of an app waits for the counting. */
const PATIENCE = 5;

/** Tells whoever changed who may enter an app how many people that is about. */
@Injectable()
export class AccessChangeReport implements OnModuleInit {
  constructor(
    private readonly reports: AppReports,
    private readonly comparison: AccessComparison,
    private readonly conditions: AccessConditions,
    private readonly people: PersonInApp,
    private readonly personalData: PersonalData,
    private readonly expressions: Expressions,
  ) {}

  onModuleInit(): void {
    this.reports.declare(async (old, app, actor) => {
      const change = await this.changeOf(old, app, actor);
      return change === undefined ? {} : { access_change: change };
    });
  }

  private async changeOf(old: ClientEntity, app: ClientEntity, actor: AdminActor): Promise<AccessChange | undefined> {
    if (old.access === app.access && old.accessRule === app.accessRule) return undefined;
    // What a rule of one's own making says of everybody is for those who may read people.
    if (!(await this.people.mayReadPeople(actor))) return undefined;
    const rules = [old.accessRule, app.accessRule];
    if (rules.some((rule) => this.readsPersonalData(rule)) && !(await this.personalData.mayRead(actor)))
      return undefined;
    if (rules.some((rule) => this.conditions.needs(rule).length > 0)) return undefined;
    const [before, after] = [sideOf(old), sideOf(app)];
    const request = { endpoint: 'authorize', address: '', amr: [] } as const;
    const { gained, lost, complete } = await this.comparison.compare(before, after, request, { patience: PATIENCE });
    return { gained: gained.count, lost: lost.count, complete };
  }

  private readsPersonalData(rule: string | null): boolean {
    return rule !== null && personalFieldsOf(this.expressions.check(rule, 'access').reads).length > 0;
  }
}

function sideOf(app: ClientEntity) {
  return { client: new Client(app, []), counts: () => true };
}
