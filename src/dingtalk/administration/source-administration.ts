import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { randomBytes } from 'node:crypto';
import { MoreThan, Repository, type EntityManager } from 'typeorm';
import type { AdminActor } from '../../admin/admin-actor.js';
import { AdminScopeError } from '../../admin/admin-scope.js';
import type { PageRequest } from '../../admin/list-page.js';
import { Problem } from '../../admin/problem.js';
import { preconditionOf, useKey } from '../../admin/request-terms.js';
import { AuditLog } from '../../audit/audit-log.js';
import { changesBetween, madeOf, type Changes } from '../../audit/changes.js';
import { ClinchConfig } from '../../config/clinch-config.js';
import { isUniqueViolation } from '../../database/database-errors.js';
import { Keyring } from '../../keyring/keyring.js';
import { IdentitySourceEntity } from '../source/identity-source.entity.js';
import { IdentitySources } from '../source/identity-sources.js';
import { newCallbackKeys } from './callback-keys.js';
import type { CallbackKeys } from './callback-keys.dto.js';
import type { IdentitySourceChanges, IdentitySourceFields, NewIdentitySource } from './identity-source.dto.js';
import { slugFault } from './source-formats.js';
import { SourceLeftovers } from './source-leftovers.js';
import { handsOverAccounts, needsSecretAgain, sourceProblems } from './source-rules.js';
import { newSource, toAnswer, withFields } from './source-wire.js';

/** What decides over accounts that are there is for those who may change them. */
const PEOPLE_SCOPE = 'clinch:users:write';

/** What an administrator can do with identity sources. A source is judged as it would be, and changed whole or not at all. */
@Injectable()
export class SourceAdministration {
  constructor(
    @InjectRepository(IdentitySourceEntity) private readonly repository: Repository<IdentitySourceEntity>,
    private readonly sources: IdentitySources,
    private readonly leftovers: SourceLeftovers,
    private readonly keyring: Keyring,
    private readonly config: ClinchConfig,
    private readonly audit: AuditLog,
  ) {}

  async list({ limit, after }: PageRequest): Promise<IdentitySourceEntity[]> {
    return this.repository.find({
      ...(after === undefined ? {} : { where: { id: MoreThan(after) } }),
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<IdentitySourceEntity> {
    const source = slugFault(id) === undefined ? await this.repository.findOneBy({ id }) : null;
    if (source === null) throw Problem.notFound('identity source');
    return source;
  }

  /** @throws {Problem} when the source is not acceptable, or its id or its organisation is taken */
  async create({ id, ...fields }: Partial<NewIdentitySource>, actor: AdminActor): Promise<IdentitySourceEntity> {
    const fresh = newSource(id ?? (await this.freeId(fields.name ?? '')));
    const source = withFields(fresh, fields, this.keyring);
    this.judge(source);
    this.requireRight(fresh, source, actor);
    if (await this.repository.existsBy({ id: source.id })) throw taken('id');
    await this.leftovers.clear(source.id);
    const changes = madeOf(toAnswer(source), fields);
    await this.repository.manager
      .transaction(async (manager) => {
        await useKey(manager, actor);
        await manager.insert(IdentitySourceEntity, source);
        await this.note(manager, 'identity_source.created', source, { fields, changes }, actor);
      })
      .catch((error: unknown) => this.asTaken(error, source));
    this.sources.forget();
    return source;
  }

  /** Changes the fields that were sent. */
  async change(id: string, fields: IdentitySourceChanges, actor: AdminActor): Promise<IdentitySourceEntity> {
    const source = await this.find(id);
    return this.save(source, withFields(source, fields, this.keyring), fields, actor);
  }

  /** Replaces the source; fields that were not sent are as they are by default, but the secrets stay. */
  async replace(id: string, fields: IdentitySourceChanges, actor: AdminActor): Promise<IdentitySourceEntity> {
    const source = await this.find(id);
    const { corpId, clientSecret, callbackToken, callbackAesKey, version, createdAt } = source;
    const kept = { corpId, clientSecret, callbackToken, callbackAesKey, version, createdAt };
    const fresh = Object.assign(newSource(id), kept);
    return this.save(source, withFields(fresh, fields, this.keyring), fields, actor);
  }

  /** Fresh keys for the HTTP callback, in the place of those that may be there. */
  async renewCallbackKeys(id: string, actor: AdminActor): Promise<CallbackKeys> {
    const { token: callback_token, aesKey: callback_aes_key } = newCallbackKeys();
    await this.change(id, { callback_token, callback_aes_key }, actor);
    return { callback_token, callback_aes_key };
  }

  async delete(id: string, actor: AdminActor): Promise<void> {
    await this.find(id);
    const deleted = await this.repository.manager.transaction(async (manager) => {
      await preconditionOf(actor).hold(manager, IdentitySourceEntity, { id });
      if ((await manager.delete(IdentitySourceEntity, { id })).affected !== 1) return false;
      await this.audit.recordIn(manager, 'identity_source.deleted', actor, { source: id });
      return true;
    });
    this.sources.forget();
    if (!deleted) throw Problem.notFound('identity source');
    await this.leftovers.clear(id);
  }

  private async save(
    old: IdentitySourceEntity,
    source: IdentitySourceEntity,
    fields: IdentitySourceFields,
    actor: AdminActor,
  ): Promise<IdentitySourceEntity> {
    preconditionOf(actor).judge(old);
    this.judge(source, old, fields.client_secret !== undefined);
    this.requireRight(old, source, actor);
    const changes = changesBetween(toAnswer(old), toAnswer(source));
    const saved = Object.assign(source, { updatedAt: new Date(), version: old.version + 1 });
    const { id, ...columns } = saved;
    const changed = await this.repository.manager.transaction(async (manager) => {
      const { affected } = await manager.update(IdentitySourceEntity, { id, version: old.version }, columns);
      if (affected !== 1) return false;
      // Fresh callback keys are shown once; other changes have no such key.
      await useKey(manager, actor);
      await this.note(manager, 'identity_source.changed', saved, { fields, changes }, actor);
      return true;
    });
    this.sources.forget();
    if (!changed) throw preconditionOf(actor).lost('the source');
    return saved;
  }

  /** People's identities belong to the organisation that they were found in. */
  private judge(source: IdentitySourceEntity, old = source, hasSecret = true): void {
    const errors = [
      ...(source.corpId === old.corpId
        ? []
        : [{ field: 'corp_id', problem: 'cannot be changed; delete the source and make another one' }]),
      ...(needsSecretAgain(old, source) && !hasSecret
        ? [{ field: 'client_secret', problem: 'must be sent again: it would go to another app or to other hosts' }]
        : []),
      ...sourceProblems(source, this.config),
    ];
    if (errors.length > 0) throw Problem.ofFields(errors);
  }

  /** @throws {AdminScopeError} */
  private requireRight(old: IdentitySourceEntity, source: IdentitySourceEntity, actor: AdminActor): void {
    if (!handsOverAccounts(old, source) || actor.has(PEOPLE_SCOPE)) return;
    throw new AdminScopeError(
      PEOPLE_SCOPE,
      `match_by, what it believes, and other hosts than before decide over people's accounts: the scope ${PEOPLE_SCOPE} is needed`,
    );
  }

  private async note(
    manager: EntityManager,
    event: 'identity_source.created' | 'identity_source.changed',
    { id, corpId }: IdentitySourceEntity,
    { fields, changes }: { readonly fields: object; readonly changes: Changes },
    actor: AdminActor,
  ): Promise<void> {
    await this.audit.recordIn(manager, event, actor, { source: id, corpId, fields: Object.keys(fields), ...changes });
  }

  private async freeId(name: string): Promise<string> {
    const slug = name
      .toLowerCase()
      .normalize('NFKD')
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 30)
      .replace(/^-+|-+$/g, '');
    const isFree = slug !== '' && !(await this.repository.existsBy({ id: slug }));
    return isFree ? slug : `${slug === '' ? 'dingtalk' : slug}-${randomBytes(3).toString('hex')}`;
  }

  private async asTaken(error: unknown, { id }: IdentitySourceEntity): Promise<never> {
    if (!isUniqueViolation(error)) throw error;
    throw taken((await this.repository.existsBy({ id })) ? 'id' : 'corp_id', error);
  }
}

function taken(field: 'id' | 'corp_id', cause?: unknown): Problem {
  const errors = [{ field, problem: 'is taken' }];
  const words = field === 'id' ? 'a source of that id' : 'a source for that organisation';
  return new Problem('conflict', `There is ${words} already.`, { errors, cause });
}
