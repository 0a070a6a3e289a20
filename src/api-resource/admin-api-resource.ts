import { Injectable } from '@nestjs/common';
import { ADMIN_API_PATH } from '../admin/admin-controller.js';
import { AdminScopes } from '../admin/admin-scopes.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { ADMIN_API_ID, type ApiResource } from './api-resource.js';

/** Clinch's own admin API as one of the APIs: it comes with the server, and nobody can change it. */
@Injectable()
export class AdminApiResource {
  private description: ApiResource | undefined;

  constructor(
    private readonly config: ClinchConfig,
    private readonly scopes: AdminScopes,
  ) {}

  get identifier(): string {
    return this.config.url(ADMIN_API_PATH);
  }

  /** Asked for at run time: by then all parts of the admin API have been found. */
  describe(): ApiResource {
    this.description ??= {
      id: ADMIN_API_ID,
      identifier: this.identifier,
      name: 'Clinch admin API',
      scopes: this.scopes.all(),
      accessTokenLifetime: null,
      clientIds: [],
      createdAt: null,
      updatedAt: null,
    };
    return this.description;
  }
}
