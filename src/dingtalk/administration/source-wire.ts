import { tagged } from '../../admin/entity-tag.js';
import type { Keyring } from '../../keyring/keyring.js';
import { IdentitySourceEntity } from '../source/identity-source.entity.js';
import { sealPlace, type SecretColumn } from '../source/identity-source.js';
import type { IdentitySourceAnswer, IdentitySourceFields, IdentitySourceSettings } from './identity-source.dto.js';

type SecretField = 'client_secret' | 'callback_token' | 'callback_aes_key';
type PlainField = keyof IdentitySourceSettings;

/** Where each field is kept. */
const COLUMN_OF = {
  name: 'name',
  enabled: 'enabled',
  corp_id: 'corpId',
  client_id: 'clientId',
  callback_networks: 'callbackNetworks',
  login_base_url: 'loginBaseUrl',
  api_base_url: 'apiBaseUrl',
  oapi_base_url: 'oapiBaseUrl',
  browser_sign_in: 'browserSignIn',
  embedded_qr: 'embeddedQr',
  in_app_sign_in: 'inAppSignIn',
  callback_events: 'callbackEvents',
  stream_events: 'streamEvents',
  new_people: 'newPeople',
  match_by: 'matchBy',
  trusted_email: 'trustedEmail',
  trusted_phone: 'trustedPhone',
  mapping: 'mapping',
  sync_schedule: 'syncSchedule',
  sync_roles: 'syncRoles',
  sync_details: 'syncDetails',
  sync_disable_limit: 'syncDisableLimit',
} as const satisfies Record<PlainField, keyof IdentitySourceEntity>;

const SECRET_COLUMN_OF = {
  client_secret: 'clientSecret',
  callback_token: 'callbackToken',
  callback_aes_key: 'callbackAesKey',
} as const satisfies Record<SecretField, SecretColumn>;

const FIELDS = Object.keys(COLUMN_OF) as PlainField[];
const SECRET_FIELDS = Object.keys(SECRET_COLUMN_OF) as SecretField[];

/** A source of which nothing was said. */
export function newSource(id: string): IdentitySourceEntity {
  const now = new Date();
  return Object.assign(new IdentitySourceEntity(), {
    id,
    name: '',
    enabled: true,
    corpId: '',
    clientId: '',
    clientSecret: '',
    callbackToken: null,
    callbackAesKey: null,
    callbackNetworks: [],
    loginBaseUrl: 'https://login.dingtalk.com',
    apiBaseUrl: 'https://api.dingtalk.com',
    oapiBaseUrl: 'https://oapi.dingtalk.com',
    browserSignIn: true,
    embeddedQr: true,
    inAppSignIn: true,
    callbackEvents: false,
    streamEvents: false,
    newPeople: 'create',
    matchBy: [],
    trustedEmail: 'org_email',
    trustedPhone: true,
    mapping: null,
    syncSchedule: null,
    syncRoles: true,
    syncDetails: 'changed',
    syncDisableLimit: 10,
    version: 1,
    createdAt: now,
    updatedAt: now,
  } satisfies IdentitySourceEntity);
}

/** The source with these fields changed; fields that were not sent stay. Secrets are sealed to their places. */
export function withFields(
  source: IdentitySourceEntity,
  fields: IdentitySourceFields,
  keyring: Keyring,
): IdentitySourceEntity {
  const plain = FIELDS.filter((field) => fields[field] !== undefined).map(
    (field) => [COLUMN_OF[field], cleaned(field, fields[field])] as const,
  );
  const secret = SECRET_FIELDS.flatMap((field) => {
    const value = fields[field];
    const column = SECRET_COLUMN_OF[field];
    if (value === undefined) return [];
    return [[column, value === null ? null : keyring.seal(sealPlace(source.id, column), value)] as const];
  });
  return Object.assign(new IdentitySourceEntity(), source, Object.fromEntries([...plain, ...secret]));
}

/** Paths are put behind base addresses. */
function cleaned(field: PlainField, value: unknown): unknown {
  return field.endsWith('_base_url') && typeof value === 'string' ? value.replace(/\/+$/, '') : value;
}

/** The source as it is read: without its secrets. */
export function toAnswer(source: IdentitySourceEntity): IdentitySourceAnswer {
  const plain = Object.fromEntries(FIELDS.map((field) => [field, source[COLUMN_OF[field]]]));
  const answer: IdentitySourceAnswer = {
    id: source.id,
    ...(plain as Pick<IdentitySourceAnswer, PlainField>),
    has_callback_keys: source.callbackToken !== null && source.callbackAesKey !== null,
    created_at: source.createdAt.toISOString(),
    updated_at: source.updatedAt.toISOString(),
  };
  return tagged(answer, source);
}
