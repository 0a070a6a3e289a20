import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type EntityManager, type QueryDeepPartialEntity } from 'typeorm';
import type { Note } from '../audit/audit-log.js';
import { Keyring } from '../keyring/keyring.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { AppBelongings } from './app-belongings.js';
import { ClientOriginEntity } from './client-origin.entity.js';
import { ClientOrigins, originsOf } from './client-origins.js';
import { ClientRegistry } from './client-registry.js';
import { ClientSecretEntity } from './client-secret.entity.js';
import { CLIENT_SECRET_PURPOSE, usesSecret } from './client-secret.js';
import { ClientEntity } from './client.entity.js';

/** An app has at most so many live secrets: the one in use, and the next one while it is rolled out. */
export const MOST_SECRETS = 2;

/** Already two live secrets. */
export class TooManySecretsError extends Error {
  override readonly name = 'TooManySecretsError';
}

/** The app is not there any more. */
export class UnknownClientError extends Error {
  override readonly name = 'UnknownClientError';
}

/** A part of a transaction. */
type Step = (manager: EntityManager) => Promise<void>;

const nothing: Step = async () => undefined;

/** Registers, changes and deletes apps. Each method is one transaction: an app is never half there. */
@Injectable()
export class ClientStore {
  constructor(
    @InjectRepository(ClientEntity) readonly repository: Repository<ClientEntity>,
    @InjectRepository(ClientSecretEntity) readonly secrets: Repository<ClientSecretEntity>,
    private readonly registry: ClientRegistry,
    private readonly origins: ClientOrigins,
    private readonly belongings: AppBelongings,
    private readonly keyring: Keyring,
  ) {}

  /**
   * @param secret in the clear, for confidential apps; only its digest is kept
   * @param first what the same transaction begins with
   */
  async register(client: ClientEntity, secret: string | undefined, first: Step = nothing, note?: Note): Promise<void> {
    await this.repository.manager.transaction(async (manager) => {
      await first(manager);
      await manager.insert(ClientEntity, columnsOf(client));
      await replaceOrigins(manager, client);
      if (secret !== undefined) await manager.insert(ClientSecretEntity, this.secretRow(client.clientId, secret, null));
      await note?.(manager);
    });
    this.changed(client.clientId);
  }

  /**
   * Replaces what is registered. An app that has come to authenticate by a secret gets the fresh one; one that no
   * longer does loses what it had, so that an old secret is not good again after a change there and back.
   *
   * @returns the id of the fresh secret if it was needed; undefined when somebody else changed the app since it was read
   */
  async replace(
    client: ClientEntity,
    freshSecret: string,
    note?: (manager: EntityManager, settled: { secretId?: string }) => Promise<void>,
  ): Promise<{ secretId?: string } | undefined> {
    const { clientId, version, ...columns } = client;
    const replaced = await this.repository.manager.transaction(async (manager) => {
      const next = columnsOf({ ...columns, version: version + 1 });
      const { affected } = await manager.update(ClientEntity, { clientId, version }, next);
      if (affected !== 1) return undefined;
      await replaceOrigins(manager, client);
      const settled = await this.settleSecrets(manager, client, freshSecret);
      await note?.(manager, settled);
      return settled;
    });
    this.changed(clientId);
    return replaced;
  }

  /**
   * @param first what the same transaction begins with
   * @returns false when there is no such app
   */
  async delete(clientId: string, first: Step = nothing, note?: Note): Promise<boolean> {
    const deleted = await this.repository.manager.transaction(async (manager) => {
      await first(manager);
      await manager.delete(ClientSecretEntity, { clientId });
      await manager.delete(ClientOriginEntity, { clientId });
      await this.belongings.remove(manager, clientId);
      if ((await manager.delete(ClientEntity, { clientId })).affected !== 1) return false;
      await note?.(manager);
      return true;
    });
    this.changed(clientId);
    return deleted;
  }

  /**
   * @throws {TooManySecretsError} when the app has two live ones
   */
  async addSecret(
    clientId: string,
    secret: string,
    expiresAt: Date | null,
    note?: (manager: EntityManager, id: string) => Promise<void>,
  ): Promise<ClientSecretEntity> {
    const row = this.secretRow(clientId, secret, expiresAt);
    await this.repository.manager.transaction(async (manager) => {
      // The update takes the row's lock, so that two additions at once count each other.
      const { affected } = await manager.increment(ClientEntity, { clientId }, 'version', 1);
      if (affected === 0) throw new UnknownClientError('the app was deleted meanwhile');
      const live = (await manager.findBy(ClientSecretEntity, { clientId })).filter(isLive);
      if (live.length >= MOST_SECRETS) throw new TooManySecretsError('the app has two live secrets already');
      await manager.insert(ClientSecretEntity, row);
      await note?.(manager, row.id);
    });
    this.changed(clientId);
    return row;
  }

  /** @returns false when the app has no such secret */
  async endSecret(clientId: string, id: string, note?: Note): Promise<boolean> {
    const ended = await this.secrets.manager.transaction(async (manager) => {
      if ((await manager.delete(ClientSecretEntity, { clientId, id })).affected !== 1) return false;
      await note?.(manager);
      return true;
    });
    this.changed(clientId);
    return ended;
  }

  private async settleSecrets(
    manager: EntityManager,
    client: ClientEntity,
    fresh: string,
  ): Promise<{ secretId?: string }> {
    const { clientId } = client;
    if (!usesSecret(client)) {
      await manager.delete(ClientSecretEntity, { clientId });
      return {};
    }
    if ((await manager.findBy(ClientSecretEntity, { clientId })).some(isLive)) return {};
    const row = this.secretRow(clientId, fresh, null);
    await manager.insert(ClientSecretEntity, row);
    return { secretId: row.id };
  }

  private secretRow(clientId: string, secret: string, expiresAt: Date | null): ClientSecretEntity {
    const digest = this.keyring.digest(CLIENT_SECRET_PURPOSE, secret);
    return Object.assign(new ClientSecretEntity(), {
      id: newIdentifier(),
      clientId,
      digest,
      digestKeyId: this.keyring.currentKeyId,
      createdAt: new Date(),
      expiresAt,
      lastUsedAt: null,
    });
  }

  private changed(clientId: string): void {
    this.registry.forget(clientId);
    this.origins.forgetAll();
  }
}

function isLive({ expiresAt }: ClientSecretEntity): boolean {
  return expiresAt === null || expiresAt.getTime() > Date.now();
}

async function replaceOrigins(manager: EntityManager, client: ClientEntity): Promise<void> {
  const { clientId } = client;
  await manager.delete(ClientOriginEntity, { clientId });
  const rows = originsOf(client).map((origin) => ({ origin, clientId }));
  if (rows.length > 0) await manager.insert(ClientOriginEntity, rows);
}

/** TypeORM's type for a partial row looks inside the JSON of `jwks`, where `unknown` is all there is to say. */
function columnsOf(client: Partial<ClientEntity>): QueryDeepPartialEntity<ClientEntity> {
  return client as QueryDeepPartialEntity<ClientEntity>;
}
