import { createHash, randomBytes } from 'node:crypto';
import { AccountStore } from '../../../src/accounts/account-store.js';
import { ClientStore } from '../../../src/app-registry/client-store.js';
import type { ClientEntity } from '../../../src/app-registry/client.entity.js';
import type { TestApp, TestPerson } from '../../support/builders.js';
import type { TestClinch } from '../../support/start-clinch.js';
import { authorizeUrl, responseParameters, UserAgent, type Answer } from '../../support/user-agent.js';

type Differences = Readonly<Record<string, string | undefined>>;

/** The first answer of /authorize to a browser that has never been here. */
export function ask(clinch: TestClinch, app: TestApp, differences: Differences = {}): Promise<Answer> {
  return new UserAgent(clinch.url).get(authorizeUrl(clinch.url, app, differences));
}

/** As `ask`, with a piece of query that is sent exactly so. */
export function askRaw(
  clinch: TestClinch,
  app: TestApp,
  query: string,
  differences: Differences = {},
): Promise<Answer> {
  return new UserAgent(clinch.url).get(`${authorizeUrl(clinch.url, app, differences)}&${query}`);
}

/** A browser in which that person is signed in. */
export async function signedIn(clinch: TestClinch, app: TestApp, person: TestPerson): Promise<UserAgent> {
  const agent = new UserAgent(clinch.url);
  await agent.authorize(authorizeUrl(clinch.url, app), person);
  return agent;
}

/** A code of that app for the person of that browser. */
export async function codeOf(
  clinch: TestClinch,
  agent: UserAgent,
  app: TestApp,
  differences: Differences = {},
): Promise<string> {
  const answer = await agent.get(authorizeUrl(clinch.url, app, differences));
  const code = responseParameters(answer).get('code');
  if (code === null) throw new Error(`no code: ${answer.status} ${answer.headers.get('location')}`);
  return code;
}

/** Changes an app as an administrator would, while everything runs. */
export async function changeApp(clinch: TestClinch, app: TestApp, change: Partial<ClientEntity>): Promise<void> {
  const store = clinch.app.get(ClientStore);
  const client = await store.repository.findOneByOrFail({ clientId: app.clientId });
  if (!(await store.replace(Object.assign(client, change), 'clinch_cs_not_shown')))
    throw new Error('the app was changed by somebody else');
}

/** Disables a person, and nothing else: their sessions stay. */
export async function disable(clinch: TestClinch, person: TestPerson): Promise<void> {
  await clinch.app.get(AccountStore).repository.update({ id: person.id }, { status: 'disabled' });
}

/** A well-formed S256 challenge that nobody has the verifier of. */
export function challenge(): string {
  return createHash('sha256').update(randomBytes(32)).digest('base64url');
}

/** The claims of a token, without looking at its signature. */
export function claimsOf(token: unknown): Record<string, unknown> {
  const payload = String(token).split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}
