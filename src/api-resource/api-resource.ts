import type { ApiScope } from './api-resource.entity.js';

/** An API that access tokens can be for (RFC 8707), as the flows see it. */
export interface ApiResource {
  readonly id: string;
  /** The `resource` of requests and the `aud` of tokens, compared byte for byte. */
  readonly identifier: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** Seconds; null: as the app has it. */
  readonly accessTokenLifetime: number | null;
  /** The apps that are this API: they may introspect its tokens. */
  readonly clientIds: readonly string[];
  /** null for the admin API, which comes with the server. */
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
}

/** The id of Clinch's own admin API among the others. Theirs are made by the server and look different. */
export const ADMIN_API_ID = 'clinch-admin';
