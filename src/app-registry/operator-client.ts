import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ADMIN_SCOPE } from '../admin/admin-scope.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { withStartLock } from '../database/start-lock.js';
import { Keyring } from '../keyring/keyring.js';
import { newClientEntity } from './client-defaults.js';
import { CLIENT_SECRET_PURPOSE } from './client-secret.js';
import { ClientStore } from './client-store.js';

/** Makes or updates the operators' client from the configuration: the first key to the admin API. */
@Injectable()
export class OperatorClientSetup implements OnApplicationBootstrap {
  constructor(
    private readonly config: ClinchConfig,
    private readonly store: ClientStore,
    private readonly keyring: Keyring,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { operatorClient } = this.config;
    if (operatorClient === undefined) return;
    await withStartLock(this.config.database, () => this.ensure(operatorClient.clientId, operatorClient.clientSecret));
  }

  private async ensure(clientId: string, secret: string): Promise<void> {
    const existing = await this.store.repository.findOneBy({ clientId });
    const client = existing ?? newClientEntity(clientId, 'Clinch operators');
    Object.assign(client, {
      enabled: true,
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      scope: ADMIN_SCOPE,
      redirectUris: [],
    });
    if (existing === null) {
      await this.store.register(client, secret);
      return;
    }
    await this.store.replace(client, secret);
    await this.replaceSecrets(clientId, secret);
  }

  /** The configured secret is the only one: changing it in the environment ends the old one. */
  private async replaceSecrets(clientId: string, secret: string): Promise<void> {
    const digests = this.keyring.digests(CLIENT_SECRET_PURPOSE, secret);
    const rows = await this.store.secrets.findBy({ clientId });
    for (const row of rows) if (!digests.includes(row.digest)) await this.store.endSecret(clientId, row.id);
    if (!rows.some((row) => digests.includes(row.digest))) await this.store.addSecret(clientId, secret, null);
  }
}
