import { randomBytes } from 'node:crypto';
import { vi } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../../support/builders.js';
import { startClinch, type TestClinch } from '../../support/start-clinch.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** How the plan asks for authorization responses: not at all, which means by query, or by `form_post`. */
export type PlanMode = 'query' | 'form_post';

/** What the suite is told before a plan runs: where the server is, its two apps, and how a person signs in. */
export interface Provider {
  readonly clinch: TestClinch;
  readonly mode: PlanMode;
  /** `client_secret_basic`, as registered when nothing is said. */
  readonly app: TestApp;
  /** Another app, at another address. */
  readonly otherApp: TestApp;
  readonly person: TestPerson;
  /** The discovery document, and the keys that it leads to. */
  readonly metadata: JsonObject;
  readonly jwks: JsonObject;
}

/** Starts a server and registers what a plan needs. Everything else is learned from discovery, as the suite does. */
export async function startProvider(mode: PlanMode): Promise<Provider> {
  const clinch = await startClinch();
  const metadata = await getJson(`${clinch.url}/.well-known/openid-configuration`);
  return {
    clinch,
    mode,
    app: await anApp(clinch),
    otherApp: await anApp(clinch, { redirectUris: ['https://other-app.example/callback'] }),
    person: await aPerson(clinch),
    metadata,
    jwks: await getJson(String(metadata['jwks_uri'])),
  };
}

/** The address of an endpoint, from discovery. */
export function endpoint({ metadata }: Provider, name: 'authorization' | 'token' | 'userinfo'): string {
  return String(metadata[`${name}_endpoint`]);
}

export async function getJson(url: string): Promise<JsonObject> {
  const response = await fetch(url);
  return (await response.json()) as JsonObject;
}

/**
 * Lets time pass for the server and the test, which share a process and so a `Date`; timers go on as they are.
 * `describeBasicPlan` puts the clock back after each test.
 */
export function timePasses(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  if (vi.isFakeTimers()) vi.setSystemTime(now);
  else vi.useFakeTimers({ toFake: ['Date'], now });
}

/** The current time in seconds, as tokens count it. */
export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** @param length characters, of base64url */
export function randomText(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}
