import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ClientSecretEntity } from './client-secret.entity.js';
import { ClientEntity } from './client.entity.js';
import { Client } from './client.js';

/** Milliseconds: how long another node may go on with an app as it was. On the node of the change it is at once. */
const STALE_AFTER_MS = 1_000;

/** Apps held at a time; the one asked for longest ago makes room. */
const HELD = 5_000;

/** What can be a client id: printable ASCII (RFC 6749 appendix A.1), short enough for its column. */
const CLIENT_ID = /^[\x21-\x7e]{1,64}$/;

interface Held {
  readonly client: Promise<Client | undefined>;
  readonly until: number;
}

/** Finds registered apps. Every request needs one, so they are held in memory for a second. */
@Injectable()
export class ClientRegistry {
  private readonly held = new Map<string, Held>();
  private changed = 0;

  constructor(
    @InjectRepository(ClientEntity) private readonly clients: Repository<ClientEntity>,
    @InjectRepository(ClientSecretEntity) private readonly secrets: Repository<ClientSecretEntity>,
  ) {}

  /** The app of that id, enabled or not. */
  async find(clientId: string): Promise<Client | undefined> {
    if (!CLIENT_ID.test(clientId)) return undefined;
    const known = this.held.get(clientId);
    if (known !== undefined && known.until > Date.now()) return known.client;
    const client = this.load(clientId);
    this.held.delete(clientId);
    this.held.set(clientId, { client, until: Date.now() + STALE_AFTER_MS });
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value ?? '');
    // That there is no such app is remembered too, so that an unknown id is answered as fast as a known one.
    client.catch(() => this.held.delete(clientId));
    return client;
  }

  /** The app of that id, if it is switched on. */
  async findEnabled(clientId: string): Promise<Client | undefined> {
    const client = await this.find(clientId);
    return client?.enabled === true ? client : undefined;
  }

  /** How often something was changed on this node: who holds apps too sees by it that they are not those any more. */
  get changes(): number {
    return this.changed;
  }

  /** To be called after every change. */
  forget(clientId: string): void {
    this.changed += 1;
    this.held.delete(clientId);
  }

  private async load(clientId: string): Promise<Client | undefined> {
    const metadata = await this.clients.findOneBy({ clientId });
    if (metadata === null) return undefined;
    return new Client(metadata, await this.secrets.findBy({ clientId }));
  }
}
