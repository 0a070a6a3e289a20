import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';
import type { ClientEntity } from './client.entity.js';
import { ClientRegistry } from './client-registry.js';

/** Adds to what is there by itself, so that of two at once neither is lost. What is there twice does no harm. */
const ADD = statement(
  'client_permissions_declare',
  'UPDATE clients SET permissions_declared = permissions_declared || $1 WHERE client_id = $2',
);

/**
 * What ever was a permission of an app. It stays one when no role has it any more: else a permission that was taken from
 * the last who had it would be everybody's.
 */
@Injectable()
export class DeclaredPermissions {
  constructor(
    private readonly database: Database,
    private readonly registry: ClientRegistry,
  ) {}

  /** To be called before a role comes to have them. @param permissions `resource:action` pairs */
  async add(
    app: Pick<ClientEntity, 'clientId' | 'permissionsDeclared'>,
    permissions: readonly string[],
  ): Promise<void> {
    const known = new Set(declaredPermissions(app));
    const fresh = [...new Set(permissions)].filter((permission) => !known.has(permission));
    if (fresh.length === 0) return;
    await this.database.run(ADD, fresh.map((permission) => `${permission} `).join(''), app.clientId);
    this.registry.forget(app.clientId);
  }
}

export function declaredPermissions({ permissionsDeclared }: Pick<ClientEntity, 'permissionsDeclared'>): string[] {
  return permissionsDeclared.split(' ').filter((permission) => permission !== '');
}
