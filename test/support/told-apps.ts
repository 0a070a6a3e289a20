import { DataSource } from 'typeorm';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { AuthorizationCodeStore } from '../../src/authorization-code/authorization-code-store.js';
import { LogoutNoticeEntity } from '../../src/back-channel-logout/logout-notice.entity.js';
import { NO_REQUESTED_CLAIMS } from '../../src/protocol/requested-claims.js';
import { SessionClients } from '../../src/session/session-clients.js';
import { SessionStore, type Session } from '../../src/session/session-store.js';
import { SignOut } from '../../src/sign-out/sign-out.js';
import { anApp, type TestApp, type TestPerson } from './builders.js';
import type { LogoutReceiver } from './logout-receiver.js';
import type { TestClinch } from './start-clinch.js';
import { redeem } from './user-agent.js';

type Server = Pick<TestClinch, 'app'>;

/** An app that is told of sign-outs: the receiver knows it by its id. */
export async function aToldApp(
  clinch: Server,
  receiver: LogoutReceiver,
  differences: Partial<ClientEntity> = {},
): Promise<TestApp> {
  const clientId = differences.clientId ?? `told-${crypto.randomUUID().slice(0, 8)}`;
  return anApp(clinch, {
    clientId,
    grantTypes: ['authorization_code', 'refresh_token'],
    scope: 'openid offline_access',
    backchannelLogoutUri: receiver.uri(clientId),
    ...differences,
  });
}

/** A session as after a sign-in with a password, but without a browser. */
export async function aSession({ app }: Server, person: Pick<TestPerson, 'id'>): Promise<Session> {
  const proof = { authTime: new Date(), acr: '1', amr: ['pwd'] };
  return (await app.get(SessionStore).start(person.id, proof)).session;
}

/** A code for the app, of that session. */
export async function codeOf({ app }: Server, session: Session, testApp: TestApp, scope = 'openid'): Promise<string> {
  const client = await app.get(ClientRegistry).find(testApp.clientId);
  if (client === undefined) throw new Error('no such app');
  await app.get(SessionClients).note(session, client);
  const request = {
    clientId: testApp.clientId,
    redirectUri: testApp.redirectUri,
    responseMode: 'query',
    scope: scope.split(' '),
    prompt: [],
    acrValues: [],
    requestedClaims: NO_REQUESTED_CLAIMS,
  } as const;
  return app.get(AuthorizationCodeStore).issue(request, session, 60);
}

/** The tokens that the app has of that session. */
export async function enter(
  clinch: TestClinch,
  session: Session,
  app: TestApp,
  scope = 'openid',
): Promise<Record<string, unknown>> {
  const { status, body } = await redeem(clinch.url, app, await codeOf(clinch, session, app, scope));
  if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** As if the person had pressed "sign out". */
export async function signOut({ app }: Server, session: Session): Promise<void> {
  await app.get(SignOut).end(session, 'person', { accountId: session.accountId });
}

/** What the queue has for the app, the oldest first. */
export async function noticesOf(
  { app }: Server,
  { clientId }: Pick<TestApp, 'clientId'>,
): Promise<LogoutNoticeEntity[]> {
  const notices = app.get(DataSource).getRepository(LogoutNoticeEntity);
  return notices.find({ where: { clientId }, order: { createdAt: 'ASC' } });
}

/** Has what waits be due now: nobody waits for minutes in a test. */
export async function hasten({ app }: Server, { clientId }: Pick<TestApp, 'clientId'>): Promise<void> {
  const now = Date.now();
  const sql = `UPDATE logout_notices SET next_attempt_at = ${now} WHERE client_id = '${clientId}' AND claim IS NULL
    AND next_attempt_at IS NOT NULL`;
  await app.get(DataSource).query(sql);
}
