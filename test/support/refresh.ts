import { RefreshTokens } from '../../src/refresh-token/refresh-tokens.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { AccountStore } from '../../src/accounts/account-store.js';
import { newIdentifier } from '../../src/protocol/opaque-token.js';
import { NO_REQUESTED_CLAIMS } from '../../src/protocol/requested-claims.js';
import { anApp, type TestApp, type TestPerson } from './builders.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import type { TestClinch } from './start-clinch.js';
import { credentials, postToken, type TokenAnswer } from './user-agent.js';

/** An app that keeps its people signed in. */
export async function aRefreshingApp(
  clinch: Pick<TestClinch, 'app'>,
  differences: Partial<ClientEntity> = {},
): Promise<TestApp> {
  return anApp(clinch, {
    grantTypes: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
    ...differences,
  });
}

/** Uses a refresh token as its app would. */
export async function refresh(
  base: string,
  app: TestApp,
  refreshToken: string,
  differences: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const { headers, form } = credentials(app);
  return postToken(
    base,
    { grant_type: 'refresh_token', refresh_token: refreshToken, ...form, ...differences },
    headers,
  );
}

/** A refresh token without the sign-in that usually comes before it. */
export async function aRefreshToken(
  { app }: Pick<TestClinch, 'app'>,
  testApp: TestApp,
  person: TestPerson,
  scope = ['openid', 'profile', 'offline_access'],
): Promise<{ token: string; grantId: string }> {
  const client = await app.get(ClientRegistry).find(testApp.clientId);
  const account = await app.get(AccountStore).find(person.id);
  if (client === undefined || account === undefined) throw new Error('no such app or person');
  const grantId = newIdentifier();
  const token = await app.get(RefreshTokens).begin(
    {
      grantId,
      clientId: client.id,
      subject: account.id,
      account,
      scope,
      authTime: new Date(Date.now() - 60_000),
      acr: '1',
      amr: ['pwd'],
      requestedClaims: NO_REQUESTED_CLAIMS,
    },
    client,
    account.id,
  );
  return { token, grantId };
}
