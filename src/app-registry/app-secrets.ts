import { Injectable } from '@nestjs/common';
import { MoreThan, type EntityManager } from 'typeorm';
import type { AdminActor } from '../admin/admin-actor.js';
import type { PageRequest } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { useKey } from '../admin/request-terms.js';
import { AuditLog } from '../audit/audit-log.js';
import { AppAdministration, isId } from './app-administration.js';
import { AppProtection } from './app-protection.js';
import type { AppSecret, FreshSecret } from './app-secret.dto.js';
import type { ClientSecretEntity } from './client-secret.entity.js';
import { newClientSecret, usesSecret } from './client-secret.js';
import { ClientStore, MOST_SECRETS, TooManySecretsError, UnknownClientError } from './client-store.js';

/** The secrets of an app: two may live side by side, so that the next one is in use before the last one ends. */
@Injectable()
export class AppSecrets {
  constructor(
    private readonly apps: AppAdministration,
    private readonly protection: AppProtection,
    private readonly store: ClientStore,
    private readonly audit: AuditLog,
  ) {}

  async list(clientId: string, { limit, after }: PageRequest): Promise<ClientSecretEntity[]> {
    await this.apps.find(clientId);
    return this.store.secrets.find({
      where: { clientId, ...(after === undefined ? {} : { id: MoreThan(after) }) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
  }

  /** @throws {Problem} conflict when the app has two live ones, or none at all by its nature */
  async add(clientId: string, expiresAt: Date | null, actor: AdminActor): Promise<FreshSecret> {
    const app = await this.apps.find(clientId);
    await this.protection.refuseEscalation(actor, app);
    this.protection.refuseOperators(clientId);
    if (!usesSecret(app)) {
      throw new Problem('conflict', `This app authenticates by ${app.tokenEndpointAuthMethod}, which has no secret.`);
    }
    const secret = newClientSecret();
    const note = async (manager: EntityManager, secretId: string) => {
      await useKey(manager, actor);
      await this.audit.recordIn(manager, 'app.secret_added', actor, { app: clientId, secretId });
    };
    const row = await this.store.addSecret(clientId, secret, expiresAt, note).catch((error: unknown) => {
      if (error instanceof TooManySecretsError) throw tooMany(error);
      throw error instanceof UnknownClientError ? Problem.notFound('app') : error;
    });
    return {
      id: row.id,
      client_secret: secret,
      created_at: row.createdAt.toISOString(),
      expires_at: row.expiresAt?.toISOString() ?? null,
    };
  }

  async end(clientId: string, id: string, actor: AdminActor): Promise<void> {
    await this.protection.refuseEscalation(actor, await this.apps.find(clientId));
    this.protection.refuseOperators(clientId);
    const note = this.audit.noting('app.secret_ended', actor, { app: clientId, secretId: id });
    if (!isId(id) || !(await this.store.endSecret(clientId, id, note))) throw Problem.notFound('secret');
  }
}

export function toAppSecret({ id, createdAt, expiresAt, lastUsedAt }: ClientSecretEntity): AppSecret {
  return {
    id,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}

function tooMany(cause: Error): Problem {
  return new Problem('conflict', `The app has ${MOST_SECRETS} live secrets; end one of them first.`, { cause });
}
