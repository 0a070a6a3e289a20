import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { Database, statement } from '../database/database.js';
import { ClientEntity } from './client.entity.js';
import { ClientRegistry } from './client-registry.js';
import { Client } from './client.js';

/** Milliseconds: how long another node may go on with the apps as they were. On the node of the change it is at once. */
const STALE_AFTER_MS = 1_000;

/** Apps that one query reads. */
const AT_ONCE = 500;

const VERSIONS = statement('client_versions', 'SELECT client_id, version, created_at FROM clients');

interface VersionRow {
  client_id: string;
  version: number;
  created_at: number;
}

interface Apps {
  readonly byId: ReadonlyMap<string, Client>;
  readonly enabled: readonly Client[];
}

/**
 * Every app at once, for what looks through all of them. Held in memory; once a second the list of versions is read, and
 * of the apps only those that have changed. They have no secrets with them: nobody proves who they are to this list.
 */
@Injectable()
export class ClientList {
  private held: ReadonlyMap<string, Client> = new Map();
  private seen = -1;
  private until = 0;
  private loading: Promise<Apps> | undefined;

  constructor(
    @InjectRepository(ClientEntity) private readonly clients: Repository<ClientEntity>,
    private readonly registry: ClientRegistry,
    private readonly database: Database,
  ) {}

  /** Those that are switched on, in no order. */
  async enabled(): Promise<readonly Client[]> {
    return (await this.current()).enabled;
  }

  /** Those that are switched off too, by their ids. */
  async byId(): Promise<ReadonlyMap<string, Client>> {
    return (await this.current()).byId;
  }

  private async current(): Promise<Apps> {
    // One reading for all who ask meanwhile; whoever asks after a change begins another.
    if (this.loading === undefined || this.until <= Date.now() || this.seen !== this.registry.changes) {
      this.seen = this.registry.changes;
      this.loading = this.load(this.seen);
      this.until = Date.now() + STALE_AFTER_MS;
      this.loading.catch(() => (this.until = 0));
    }
    return this.loading;
  }

  private async load(seen: number): Promise<Apps> {
    const rows = await this.database.all<VersionRow>(VERSIONS);
    const stale = rows.filter((row) => !isCurrent(this.held.get(row.client_id), row));
    const changed = stale.map((row) => row.client_id);
    const fresh: ClientEntity[] = [];
    for (let start = 0; start < changed.length; start += AT_ONCE) {
      fresh.push(...(await this.clients.findBy({ clientId: In(changed.slice(start, start + AT_ONCE)) })));
    }
    const known = new Map(fresh.map((metadata) => [metadata.clientId, new Client(metadata, [])]));
    const isStale = new Set(changed);
    const held = new Map(
      rows.flatMap(({ client_id: id }) => {
        const client = known.get(id) ?? (isStale.has(id) ? undefined : this.held.get(id));
        return client === undefined ? [] : [[id, client] as const];
      }),
    );
    // A reading that was overtaken by a change serves those who asked before it, and no one else.
    if (seen === this.seen) this.held = held;
    return { byId: held, enabled: [...held.values()].filter(({ enabled }) => enabled) };
  }
}

/** An app that was deleted and registered again begins with the same version. */
function isCurrent(client: Client | undefined, { version, created_at: createdAt }: VersionRow): boolean {
  return client?.metadata.version === version && client.metadata.createdAt.getTime() === createdAt;
}
