import { Injectable } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import type { FieldProblem } from '../admin/problem.js';
import type { AppChanges } from './app.dto.js';
import type { ClientEntity } from './client.entity.js';

/** Where a change of an app comes from. */
export interface ChangeOfApp {
  /** The app as it is; absent when it is new. */
  readonly old?: ClientEntity;
  /** Who would be told what is wrong: not everybody may hear of people. */
  readonly actor: AdminActor;
}

/**
 * @param app as it would be
 * @param fields what was sent to make it so
 */
export type AppCheck = (app: ClientEntity, fields: AppChanges, change: ChangeOfApp) => Promise<readonly FieldProblem[]>;

/** Rules about apps that only the rooms below can judge, because they must look at people or evaluate something. */
@Injectable()
export class AppChecks {
  private readonly checks: AppCheck[] = [];

  /** To be called when the application starts. */
  declare(check: AppCheck): void {
    this.checks.push(check);
  }

  async problems(app: ClientEntity, fields: AppChanges, change: ChangeOfApp): Promise<FieldProblem[]> {
    const found: FieldProblem[] = [];
    for (const check of this.checks) found.push(...(await check(app, fields, change)));
    return found;
  }
}
