import { Injectable } from '@nestjs/common';
import type { Rights } from '../access/access-decision.js';
import { AppRoles } from '../access/app-roles.js';
import { permissionFault, permits } from '../access/permission.js';
import type { Client } from '../app-registry/client.js';
import { declaredPermissions } from '../app-registry/declared-permissions.js';

/**
 * Permissions as scope-tokens: one that a role of the app brings, or ever brought, stays in the scope of those who
 * have it. A scope-token that never was of a role is not touched.
 */
@Injectable()
export class PermissionScopes {
  constructor(private readonly roles: AppRoles) {}

  /** @param rights of the person; undefined where no person is involved: then nothing is narrowed */
  async narrowing(
    scope: readonly string[],
    client: Client,
    rights: Rights | undefined,
  ): Promise<(scope: readonly string[]) => readonly string[]> {
    const pairs = scope.filter((token) => token.includes(':') && permissionFault(token) === undefined);
    if (pairs.length === 0 || rights === undefined) return (tokens) => tokens;
    const ofRoles = (await this.roles.of(client.id)).flatMap(({ permissions }) => permissions);
    const known = [...ofRoles, ...declaredPermissions(client.metadata)];
    const isCovered = (granted: readonly string[], token: string): boolean =>
      granted.some((permission) => permits(permission, token));
    const lacking = new Set(pairs.filter((token) => isCovered(known, token) && !isCovered(rights.permissions, token)));
    return (tokens) => tokens.filter((token) => !lacking.has(token));
  }
}
