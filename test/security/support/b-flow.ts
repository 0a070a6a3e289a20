import { expect } from 'vitest';
import type { TestApp, TestPerson } from '../../support/builders.js';
import type { TestClinch } from '../../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent, type Answer } from '../../support/user-agent.js';

export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly code: string;
  readonly expiresIn: number;
  readonly agent: UserAgent;
}

type Person = Pick<TestPerson, 'username' | 'password'>;

/** Signs the person in at the app, in a browser of its own unless one is given, and redeems the code. */
export async function tokensFor(
  clinch: Pick<TestClinch, 'url'>,
  app: TestApp,
  person: Person,
  differences: Readonly<Record<string, string | undefined>> = {},
  agent = new UserAgent(clinch.url),
): Promise<Tokens> {
  const answer = await agent.authorize(authorizeUrl(clinch.url, app, differences), person);
  const code = answer.get('code') ?? '';
  const { status, body } = await redeem(clinch.url, app, code);
  expect(body).toHaveProperty('access_token');
  expect(status).toBe(200);
  return {
    accessToken: String(body['access_token']),
    idToken: String(body['id_token']),
    expiresIn: Number(body['expires_in']),
    code,
    agent,
  };
}

/** The sign-in page of a fresh request. */
export async function loginPage(
  clinch: Pick<TestClinch, 'url'>,
  app: TestApp,
  agent: UserAgent,
  differences: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, differences)));
  expect(page.text).toContain('name="password"');
  return page;
}

export function userinfo(
  clinch: Pick<TestClinch, 'url'>,
  accessToken: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${clinch.url}/oidc/userinfo`, { headers: { Authorization: `Bearer ${accessToken}` }, ...init });
}

/** The second part of a JWT, unchecked. */
export function claimsOf(token: string): Record<string, unknown> {
  const [, payload = ''] = token.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}

export function headerOf(token: string): Record<string, unknown> {
  const [header = ''] = token.split('.');
  return JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, unknown>;
}

/** An unsigned or badly signed JWT of these parts. */
export function forgedJwt(header: object, claims: object, signature = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}
