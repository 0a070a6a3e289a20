import { AuthorizationCodeStore } from '../../src/authorization-code/authorization-code-store.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { NO_REQUESTED_CLAIMS, type RequestedClaims } from '../../src/protocol/requested-claims.js';
import { SessionClients } from '../../src/session/session-clients.js';
import { SessionStore, type Proof } from '../../src/session/session-store.js';
import type { TestApp, TestPerson } from './builders.js';
import type { TestClinch } from './start-clinch.js';
import { redeem, type TokenAnswer } from './user-agent.js';

/** What a code was asked for. */
export interface CodeRequest {
  readonly scope: readonly string[];
  readonly requestedClaims?: RequestedClaims;
  readonly resource?: string;
  readonly proof?: Proof;
}

/** A code as if the person had just signed in and agreed: neither browser nor password. */
export async function aCode(
  { app }: Pick<TestClinch, 'app'>,
  testApp: TestApp,
  person: Pick<TestPerson, 'id'>,
  { scope, requestedClaims = NO_REQUESTED_CLAIMS, resource, proof }: CodeRequest,
): Promise<string> {
  const signIn = proof ?? { authTime: new Date(), acr: '1', amr: ['pwd'] };
  const { session } = await app.get(SessionStore).start(person.id, signIn);
  const request = {
    clientId: testApp.clientId,
    redirectUri: testApp.redirectUri,
    responseMode: 'query',
    scope,
    prompt: [],
    acrValues: [],
    requestedClaims,
    ...(resource === undefined ? {} : { resource }),
  } as const;
  const client = await app.get(ClientRegistry).find(testApp.clientId);
  if (client !== undefined) await app.get(SessionClients).note(session, client);
  return app.get(AuthorizationCodeStore).issue(request, session, 60);
}

/** The answer to such a code at the token endpoint. */
export async function tokensOf(
  clinch: TestClinch,
  app: TestApp,
  person: Pick<TestPerson, 'id'>,
  request: CodeRequest,
): Promise<TokenAnswer> {
  return redeem(clinch.url, app, await aCode(clinch, app, person, request));
}

/** What userinfo says to whoever has that access token. */
export async function userinfoOf(clinch: TestClinch, accessToken: unknown): Promise<Record<string, unknown>> {
  const headers = { Authorization: `Bearer ${String(accessToken)}` };
  return (await (await fetch(`${clinch.url}/oidc/userinfo`, { headers })).json()) as Record<string, unknown>;
}
