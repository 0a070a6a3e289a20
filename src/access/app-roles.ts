import { Injectable } from '@nestjs/common';
import { Database, statement } from '../database/database.js';

/** Milliseconds: how long another node may go on with the roles of an app as they were. On the node of the change it is at once. */
const STALE_AFTER_MS = 1_000;

/** Apps held at a time; the one asked for longest ago makes room. */
const HELD = 5_000;

const OF_APP = statement('roles_of_app', 'SELECT id, name, permissions FROM roles WHERE client_id = $1 ORDER BY name');

/** A role of an app. */
export interface AppRole {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly string[];
}

interface Held {
  readonly roles: Promise<readonly AppRole[]>;
  readonly until: number;
}

/** The roles that apps have, held in memory for a second: of most apps there are none, and then nobody need be asked for theirs. */
@Injectable()
export class AppRoles {
  private readonly held = new Map<string, Held>();

  constructor(private readonly database: Database) {}

  async of(clientId: string): Promise<readonly AppRole[]> {
    const known = this.held.get(clientId);
    if (known !== undefined && known.until > Date.now()) return known.roles;
    const roles = this.load(clientId);
    this.held.delete(clientId);
    this.held.set(clientId, { roles, until: Date.now() + STALE_AFTER_MS });
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value ?? '');
    roles.catch(() => this.forget(clientId));
    return roles;
  }

  /** To be called after every change. */
  forget(clientId: string): void {
    this.held.delete(clientId);
  }

  private async load(clientId: string): Promise<readonly AppRole[]> {
    const rows = await this.database.all<{ id: string; name: string; permissions: string }>(OF_APP, clientId);
    return rows.map(({ id, name, permissions }) => ({ id, name, permissions: JSON.parse(permissions) as string[] }));
  }
}
