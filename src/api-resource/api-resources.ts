import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { resourceFault } from '../protocol/resource-indicator.js';
import { AdminApiResource } from './admin-api-resource.js';
import { ApiResourceEntity } from './api-resource.entity.js';
import type { ApiResource } from './api-resource.js';

/** Milliseconds: how long another node may go on with an API as it was. On the node of the change it is at once. */
const STALE_AFTER_MS = 1_000;

/** APIs held at a time; the one asked for longest ago makes room. */
const HELD = 1_000;

const RELEASE_ATTEMPTS = 5;

interface Held {
  readonly resource: Promise<ApiResource | undefined>;
  readonly until: number;
}

/** Finds the APIs that tokens can be for. Token requests need them, so they are held in memory for a second. */
@Injectable()
export class ApiResources {
  private readonly held = new Map<string, Held>();

  constructor(
    @InjectRepository(ApiResourceEntity) private readonly resources: Repository<ApiResourceEntity>,
    private readonly adminApi: AdminApiResource,
  ) {}

  /** The API of that identifier (RFC 8707 §2), byte for byte. */
  async find(identifier: string): Promise<ApiResource | undefined> {
    if (identifier === this.adminApi.identifier) return this.adminApi.describe();
    if (resourceFault(identifier) !== undefined) return undefined;
    const known = this.held.get(identifier);
    if (known !== undefined && known.until > Date.now()) return known.resource;
    const resource = this.load(identifier);
    this.held.delete(identifier);
    this.held.set(identifier, { resource, until: Date.now() + STALE_AFTER_MS });
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value ?? '');
    resource.catch(() => this.forget(identifier));
    return resource;
  }

  /** Clinch's own admin API. */
  admin(): ApiResource {
    return this.adminApi.describe();
  }

  /** An app that is deleted stands for no API any more: another one may be given its id. */
  async release(clientId: string): Promise<void> {
    const all = await this.resources.find();
    for (const { id } of all.filter(({ clientIds }) => clientIds.includes(clientId))) {
      await this.releaseFrom(id, clientId);
    }
  }

  /** To be called after every change. */
  forget(identifier: string): void {
    this.held.delete(identifier);
  }

  /** Begins again when somebody else changed the API in between, so that neither change is lost. */
  private async releaseFrom(id: string, clientId: string): Promise<void> {
    for (let attempt = 0; attempt < RELEASE_ATTEMPTS; attempt += 1) {
      const api = await this.resources.findOneBy({ id });
      if (api?.clientIds.includes(clientId) !== true) return;
      const { identifier, version } = api;
      const clientIds = api.clientIds.filter((each) => each !== clientId);
      const { affected } = await this.resources.update({ id, version }, { clientIds, version: version + 1 });
      this.forget(identifier);
      if (affected === 1) return;
    }
  }

  private async load(identifier: string): Promise<ApiResource | undefined> {
    return (await this.resources.findOneBy({ identifier })) ?? undefined;
  }
}
