import { getRepositoryToken } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { IdentitySourceEntity } from '../../src/dingtalk/source/identity-source.entity.js';
import { sealPlace } from '../../src/dingtalk/source/identity-source.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import { Keyring } from '../../src/keyring/keyring.js';
import type { TestClinch } from './start-clinch.js';

/** What a simulated DingTalk tells of itself and of one of its apps. */
export interface SourceOfTest extends Partial<
  Omit<IdentitySourceEntity, 'clientSecret' | 'callbackToken' | 'callbackAesKey'>
> {
  readonly secret?: string;
  readonly token?: string;
  readonly aesKey?: string;
}

/** Puts an identity source into the database of a running server, with defaults for what a test does not care about. */
export async function anIdentitySource(
  clinch: Pick<TestClinch, 'app'>,
  given: SourceOfTest = {},
): Promise<IdentitySourceEntity> {
  const { secret = 'secret-of-tests', token, aesKey, ...settings } = given;
  const repository = clinch.app.get<Repository<IdentitySourceEntity>>(getRepositoryToken(IdentitySourceEntity));
  const keyring = clinch.app.get(Keyring);
  const id = settings.id ?? 'acme';
  const seal = (column: 'clientSecret' | 'callbackToken' | 'callbackAesKey', value: string) =>
    keyring.seal(sealPlace(id, column), value);
  const row = Object.assign(new IdentitySourceEntity(), {
    id,
    name: 'Acme 集团',
    enabled: true,
    corpId: 'dingcorp0001',
    clientId: 'dingclinchdemo0001',
    clientSecret: seal('clientSecret', secret),
    callbackToken: token === undefined ? null : seal('callbackToken', token),
    callbackAesKey: aesKey === undefined ? null : seal('callbackAesKey', aesKey),
    callbackNetworks: [],
    loginBaseUrl: 'https://login.dingtalk.com',
    apiBaseUrl: 'https://api.dingtalk.com',
    oapiBaseUrl: 'https://oapi.dingtalk.com',
    browserSignIn: true,
    embeddedQr: true,
    inAppSignIn: true,
    callbackEvents: token !== undefined,
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
    createdAt: new Date(),
    updatedAt: new Date(),
    ...settings,
  });
  await repository.insert(row);
  clinch.app.get(IdentitySources).forget();
  return row;
}
