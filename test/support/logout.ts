import type { TestApp, TestPerson } from './builders.js';
import type { TestClinch } from './start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from './user-agent.js';

/** Where apps of tests want their people back. */
export const SIGNED_OUT_URI = 'https://app.example/signed-out';

/** Somebody who has entered an app. */
export interface Entered {
  readonly agent: UserAgent;
  readonly idToken: string;
  readonly sid: string;
  readonly tokens: Readonly<Record<string, unknown>>;
}

/** Enters an app as its person would, and redeems the code. */
export async function enter(
  clinch: TestClinch,
  app: TestApp,
  person: TestPerson,
  agent = new UserAgent(clinch.url),
  scope = 'openid',
): Promise<Entered> {
  const answer = await agent.authorize(authorizeUrl(clinch.url, app, { scope }), person);
  const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
  const idToken = String(body['id_token']);
  const payload = Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8');
  return { agent, idToken, sid: String((JSON.parse(payload) as { sid: unknown }).sid), tokens: body };
}

/** The address of a request to sign out; a parameter that is undefined is left out. */
export function logoutUrl(base: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return `${base}/oidc/logout?${new URLSearchParams(given).toString()}`;
}

/** Whether an app that asks without showing a page gets a code in this browser. */
export async function isSignedIn({ url }: TestClinch, agent: UserAgent, app: TestApp): Promise<boolean> {
  const answer = responseParameters(await agent.get(authorizeUrl(url, app, { prompt: 'none' })));
  if (!answer.has('code') && answer.get('error') !== 'login_required')
    throw new Error(`neither signed in nor signed out: ${answer.toString()}`);
  return answer.has('code');
}
