import { hash } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import type { QueryDeepPartialEntity } from 'typeorm';
import { AccountEntity } from '../../src/accounts/account.entity.js';
import { AccountStore, usernameKey } from '../../src/accounts/account-store.js';
import { newClientEntity } from '../../src/app-registry/client-defaults.js';
import { newClientSecret } from '../../src/app-registry/client-secret.js';
import { ClientStore } from '../../src/app-registry/client-store.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { newIdentifier } from '../../src/protocol/opaque-token.js';
import type { TestClinch } from './start-clinch.js';

export const REDIRECT_URI = 'https://app.example/cb';

export interface TestApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly method: ClientEntity['tokenEndpointAuthMethod'];
}

/** Registers an app; say only what matters to the test. Without PKCE unless asked for, as most of the specs assume. */
export async function anApp(
  { app }: Pick<TestClinch, 'app'>,
  differences: Partial<ClientEntity> = {},
): Promise<TestApp> {
  const client = Object.assign(newClientEntity(`app-${randomBytes(4).toString('hex')}`, 'Sample App'), {
    redirectUris: [REDIRECT_URI],
    scope: 'openid profile email phone address',
    requirePkce: false,
    ...differences,
  });
  const clientSecret = newClientSecret();
  const confidential = client.tokenEndpointAuthMethod.startsWith('client_secret');
  await app.get(ClientStore).register(client, confidential ? clientSecret : undefined);
  return {
    clientId: client.clientId,
    clientSecret,
    redirectUri: client.redirectUris[0] ?? REDIRECT_URI,
    method: client.tokenEndpointAuthMethod,
  };
}

export interface TestPerson {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

/** A thousand sign-ins of a run need not each cost as much as guessing a password should. */
const cheaplyHashed = (password: string): Promise<string> =>
  hash(password, { memoryCost: 8, timeCost: 1, parallelism: 1 });

/**
 * A person with a value for every standard claim; say only what matters to the test.
 *
 * @param hashed `hashPassword` where the time that it takes is what the test is about
 */
export async function aPerson(
  { app }: Pick<TestClinch, 'app'>,
  differences: Partial<AccountEntity> = {},
  hashed = cheaplyHashed,
): Promise<TestPerson> {
  const username = differences.username ?? `li.hua.${randomBytes(4).toString('hex')}`;
  const password = randomBytes(9).toString('base64url');
  const now = new Date();
  const account = Object.assign(new AccountEntity(), {
    id: newIdentifier(),
    username,
    usernameKey: usernameKey(username),
    status: 'active',
    passwordHash: await hashed(password),
    passwordChangedAt: null,
    name: '李华',
    givenName: '华',
    familyName: '李',
    middleName: 'M',
    nickname: 'Hua',
    preferredUsername: 'lihua',
    profile: 'https://people.example/lihua',
    picture: 'https://people.example/lihua.png',
    website: 'https://lihua.example',
    gender: 'female',
    birthdate: '1990-02-28',
    zoneinfo: 'Asia/Shanghai',
    locale: 'zh-CN',
    email: 'lihua@example.com',
    emailVerified: true,
    phoneNumber: '+8613800000000',
    phoneNumberVerified: false,
    address: { formatted: '杭州市余杭区', locality: '杭州', country: '中国' },
    custom: {},
    createdAt: now,
    updatedAt: now,
    ...differences,
  });
  await app.get(AccountStore).repository.insert(account as QueryDeepPartialEntity<AccountEntity>);
  return { id: account.id, username, password };
}
