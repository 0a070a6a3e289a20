import { Injectable } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import type { AppWithSecret } from './app.dto.js';
import type { ClientEntity } from './client.entity.js';

/**
 * @param old the app as it was
 * @param app as it is now
 * @returns fields of the answer to whoever changed it
 */
export type AppReport = (old: ClientEntity, app: ClientEntity, actor: AdminActor) => Promise<Partial<AppWithSecret>>;

/** What only the rooms below can tell of a change of an app, because they must look at people. */
@Injectable()
export class AppReports {
  private readonly reports: AppReport[] = [];

  /** To be called when the application starts. */
  declare(report: AppReport): void {
    this.reports.push(report);
  }

  async of(old: ClientEntity, app: ClientEntity, actor: AdminActor): Promise<Partial<AppWithSecret>> {
    const found = await Promise.all(this.reports.map((report) => report(old, app, actor)));
    return Object.assign({}, ...found) as Partial<AppWithSecret>;
  }
}
