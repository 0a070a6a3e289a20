import { Injectable } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { AdminScopes } from '../admin/admin-scopes.js';
import { AdminValidation } from '../admin/admin-validation.js';
import type { ImportedLine } from '../admin/bulk.js';
import { AppAdministration } from './app-administration.js';
import { AppChanges, type App, type AppWithSecret } from './app.dto.js';
import { toApp, withFields } from './app-wire.js';

export const APPS_EXPORT_SCOPE = 'clinch:apps:export';
export const APPS_IMPORT_SCOPE = 'clinch:apps:import';

/** Rows of one statement: an app can be large. */
const PAGE = 100;

/** What an export has and no request says: an exported line can be sent back as it is. */
const READ_ONLY = new Set(['created_at', 'updated_at']);

/** Apps, many at a time: by the rules for one. */
@Injectable()
export class AppTransfers {
  private readonly validation = new AdminValidation();

  constructor(
    private readonly apps: AppAdministration,
    scopes: AdminScopes,
  ) {
    scopes.declare({ name: APPS_EXPORT_SCOPE, description: 'Apps: read all of them at once' });
    scopes.declare({ name: APPS_IMPORT_SCOPE, description: 'Apps: make and change many of them at once' });
  }

  pages(): AsyncGenerator<readonly App[]> {
    return this.apps.pages(PAGE);
  }

  /**
   * Registers an app, or changes the one of that `client_id`: fields that are left out stay.
   *
   * @throws {Problem} what the operation for one would answer
   */
  async importOne(line: Record<string, unknown>, actor: AdminActor, dryRun: boolean): Promise<ImportedLine> {
    const sent = Object.fromEntries(Object.entries(line).filter(([name]) => !READ_ONLY.has(name)));
    const fields = (await this.validation.transform(sent, { type: 'body', metatype: AppChanges })) as AppChanges;
    const there = await this.apps.findFor(fields.client_id);
    if (there !== undefined && same(toApp(there), toApp(withFields(there, fields)))) {
      return { id: there.clientId, result: 'unchanged' };
    }
    if (dryRun) await this.apps.rehearse(there, fields, actor);
    const result = there === undefined ? 'created' : 'updated';
    if (dryRun) return { id: there?.clientId ?? fields.client_id ?? '', result };
    const app =
      there === undefined
        ? await this.apps.create(fields, actor)
        : await this.apps.change(there.clientId, fields, actor);
    return { id: app.client_id, result, more: secretOf(app) };
  }
}

/** A fresh one is shown this once, as by the operation for one. */
function secretOf({ client_secret }: AppWithSecret): object {
  return client_secret === undefined ? {} : { client_secret };
}

function same(one: App, other: App): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
