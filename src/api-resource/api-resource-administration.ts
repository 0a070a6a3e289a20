import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, Repository } from 'typeorm';
import type { PageRequest } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { changesBetween, madeOf } from '../audit/changes.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { ADMIN_API_ID } from './api-resource.js';
import type { ApiChanges } from './api-resource.dto.js';
import { ApiResourceEntity } from './api-resource.entity.js';
import { apiProblems } from './api-resource-rules.js';
import type { ApiResource } from './api-resource.js';
import { newApi, toApi, withFields } from './api-resource-wire.js';
import { ApiResources } from './api-resources.js';
import { ConfidentialApps } from './confidential-apps.js';

/** What an administrator can do with APIs. An API is judged as it would be, and changed whole or not at all. */
@Injectable()
export class ApiResourceAdministration {
  constructor(
    @InjectRepository(ApiResourceEntity) private readonly repository: Repository<ApiResourceEntity>,
    private readonly resources: ApiResources,
    private readonly apps: ConfidentialApps,
    private readonly config: ClinchConfig,
    private readonly audit: AuditLog,
  ) {}

  /** In the order of their ids, but the admin API first of all: how its id sorts, databases do not agree upon. */
  async list({ limit, after }: PageRequest): Promise<ApiResource[]> {
    const builtIn = after === undefined ? [this.resources.admin()] : [];
    const beginning = after === undefined || after === ADMIN_API_ID;
    const registered = await this.repository.find({
      ...(beginning ? {} : { where: { id: MoreThan(after) } }),
      order: { id: 'ASC' },
      take: limit + 1 - builtIn.length,
    });
    return [...builtIn, ...registered];
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<ApiResource> {
    return id === ADMIN_API_ID ? this.resources.admin() : this.registered(id);
  }

  /** @throws {Problem} when the API is not acceptable or its identifier is taken */
  async create(fields: ApiChanges, actor: Actor): Promise<ApiResource> {
    const api = withFields(newApi(), fields);
    await this.judge(api, false);
    if (api.identifier === this.resources.admin().identifier) throw identifierTaken();
    const details = { api: api.identifier, fields: Object.keys(fields), ...madeOf(toApi(api), fields) };
    await this.repository.manager
      .transaction(async (manager) => {
        await useKey(manager, actor);
        await manager.insert(ApiResourceEntity, api);
        await this.audit.recordIn(manager, 'api.created', actor, details);
      })
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? identifierTaken(error) : error;
      });
    this.resources.forget(api.identifier);
    return api;
  }

  /** Changes the fields that were sent. */
  async change(id: string, fields: ApiChanges, actor: Actor): Promise<ApiResource> {
    const api = await this.changeable(id);
    return this.save(api, withFields(api, fields), fields, actor);
  }

  /** Replaces the API; fields that were not sent are as they are by default. */
  async replace(id: string, fields: ApiChanges, actor: Actor): Promise<ApiResource> {
    const api = await this.changeable(id);
    const { identifier, version, createdAt } = api;
    const fresh = Object.assign(newApi(), { id, identifier, version, createdAt });
    return this.save(api, withFields(fresh, fields), fields, actor);
  }

  async delete(id: string, actor: Actor): Promise<void> {
    const { identifier } = await this.changeable(id);
    const deleted = await this.repository.manager.transaction(async (manager) => {
      await preconditionOf(actor).hold(manager, ApiResourceEntity, { id });
      if ((await manager.delete(ApiResourceEntity, { id })).affected !== 1) return false;
      await this.audit.recordIn(manager, 'api.deleted', actor, { api: identifier });
      return true;
    });
    this.resources.forget(identifier);
    if (!deleted) throw Problem.notFound('API');
  }

  private async registered(id: string): Promise<ApiResourceEntity> {
    // What is no id of ours is nobody's, and some of it no database can be asked for.
    const api = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.repository.findOneBy({ id }) : null;
    if (api === null) throw Problem.notFound('API');
    return api;
  }

  private async changeable(id: string): Promise<ApiResourceEntity> {
    if (id !== ADMIN_API_ID) return this.registered(id);
    throw new Problem('conflict', 'This is Clinch’s own admin API: it comes with the server, which says what it is.');
  }

  private async save(
    old: ApiResourceEntity,
    api: ApiResourceEntity,
    fields: ApiChanges,
    actor: Actor,
  ): Promise<ApiResource> {
    preconditionOf(actor).judge(old);
    await this.judge(api, api.identifier !== old.identifier);
    const saved = Object.assign(api, { updatedAt: new Date(), version: old.version + 1 });
    const { id, ...columns } = saved;
    const details = { api: old.identifier, fields: Object.keys(fields), ...changesBetween(toApi(old), toApi(saved)) };
    const changed = await this.repository.manager.transaction(async (manager) => {
      if ((await manager.update(ApiResourceEntity, { id, version: old.version }, columns)).affected !== 1) return false;
      await this.audit.recordIn(manager, 'api.changed', actor, details);
      return true;
    });
    this.resources.forget(old.identifier);
    if (!changed) throw preconditionOf(actor).lost('the API');
    return saved;
  }

  /** Tokens that are out there name the identifier: another one would be another API. */
  private async judge(api: ApiResourceEntity, renamed: boolean): Promise<void> {
    const errors = [
      ...(renamed ? [{ field: 'identifier', problem: 'cannot be changed; register another API' }] : []),
      ...(await apiProblems(api, {
        issuer: this.config.issuer,
        isConfidentialApp: (clientId) => this.apps.includes(clientId),
      })),
    ];
    if (errors.length > 0) throw Problem.ofFields(errors);
  }
}

function identifierTaken(cause?: unknown): Problem {
  const errors = [{ field: 'identifier', problem: 'is taken' }];
  return new Problem('conflict', 'There is an API of that identifier already.', { errors, cause });
}
