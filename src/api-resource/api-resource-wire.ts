import { tagged } from '../admin/entity-tag.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import type { Api, ApiFields, ApiScopeFields } from './api-resource.dto.js';
import { ApiResourceEntity, type ApiScope } from './api-resource.entity.js';
import type { ApiResource } from './api-resource.js';

/** Where each field is kept. */
const COLUMN_OF = {
  identifier: 'identifier',
  name: 'name',
  scopes: 'scopes',
  access_token_lifetime: 'accessTokenLifetime',
  client_ids: 'clientIds',
} as const satisfies Record<keyof ApiFields, keyof ApiResourceEntity>;

const FIELDS = Object.keys(COLUMN_OF) as (keyof ApiFields)[];

/** An API of which nothing was said. */
export function newApi(): ApiResourceEntity {
  const now = new Date();
  return Object.assign(new ApiResourceEntity(), {
    id: newIdentifier(),
    identifier: '',
    name: '',
    scopes: [],
    accessTokenLifetime: null,
    clientIds: [],
    version: 1,
    createdAt: now,
    updatedAt: now,
  } satisfies ApiResourceEntity);
}

/** The API with these fields changed; fields that were not sent stay. */
export function withFields(api: ApiResourceEntity, fields: ApiFields): ApiResourceEntity {
  const sent = FIELDS.filter((field) => fields[field] !== undefined);
  const columns = Object.fromEntries(sent.map((field) => [COLUMN_OF[field], fields[field]]));
  const { scopes } = fields;
  return Object.assign(new ApiResourceEntity(), api, columns, scopes === undefined ? {} : { scopes: plain(scopes) });
}

/** Nested objects leave their class behind: they are kept as JSON. */
function plain(scopes: readonly ApiScopeFields[]): ApiScope[] {
  return scopes.map(({ name, description }) => ({ name, ...(description === undefined ? {} : { description }) }));
}

/** The API as it is read. */
export function toApi(api: ApiResource): Api {
  const answer: Api = {
    id: api.id,
    identifier: api.identifier,
    name: api.name,
    scopes: [...api.scopes],
    access_token_lifetime: api.accessTokenLifetime,
    client_ids: [...api.clientIds],
    created_at: api.createdAt?.toISOString() ?? null,
    updated_at: api.updatedAt?.toISOString() ?? null,
  };
  return tagged(answer, api);
}
