import { Injectable, type OnModuleInit } from '@nestjs/common';
import { covers } from '../admin/admin-scope.js';
import { Administrators } from '../admin/administrators.js';
import { ConfidentialApps } from '../api-resource/confidential-apps.js';
import { ClientRegistry } from './client-registry.js';

/** What the rooms above must know of apps and cannot ask by themselves: who may administer, who can stand for an API. */
@Injectable()
export class AppFacts implements OnModuleInit {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly administrators: Administrators,
    private readonly confidentialApps: ConfidentialApps,
  ) {}

  onModuleInit(): void {
    this.administrators.trust(async (clientId, scope, since) => {
      const client = await this.registry.findEnabled(clientId);
      return client !== undefined && client.existedAt(since) && covers(client.scope, scope);
    });
    this.confidentialApps.declare(async (clientId) => (await this.registry.find(clientId))?.isPublic === false);
  }
}
