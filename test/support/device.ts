import { DataSource } from 'typeorm';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { DeviceCodeEntity } from '../../src/device-flow/device-code.entity.js';
import { anApp, type TestApp, type TestPerson } from './builders.js';
import type { TestClinch } from './start-clinch.js';
import { credentials, postToken, UserAgent, type Answer, type TokenAnswer } from './user-agent.js';

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** What a device is told when it asks (RFC 8628 §3.2). */
export interface DeviceCodes {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly expires_at: number;
  readonly interval: number;
}

/** A command line program: a public client that knows the device flow only. */
export function aCli(clinch: Pick<TestClinch, 'app'>, differences: Partial<ClientEntity> = {}): Promise<TestApp> {
  return anApp(clinch, {
    clientName: 'Deploy CLI',
    tokenEndpointAuthMethod: 'none',
    redirectUris: [],
    grantTypes: [DEVICE_CODE_GRANT],
    ...differences,
  });
}

export async function postDeviceAuthorization(
  base: string,
  form: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const body = new URLSearchParams(form);
  const response = await fetch(`${base}/oidc/device_authorization`, { method: 'POST', headers, body });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** Asks as the app's device would. */
export async function askForCodes(
  base: string,
  app: TestApp,
  parameters: Readonly<Record<string, string>> = {},
): Promise<DeviceCodes> {
  const { headers, form } = credentials(app);
  const { status, body } = await postDeviceAuthorization(base, { ...form, ...parameters }, headers);
  if (status !== 200) throw new Error(`no codes: ${status} ${JSON.stringify(body)}`);
  return body as unknown as DeviceCodes;
}

/** Asks for tokens as the app's device would. */
export function poll(
  base: string,
  app: TestApp,
  { device_code }: Pick<DeviceCodes, 'device_code'>,
): Promise<TokenAnswer> {
  const { headers, form } = credentials(app);
  return postToken(base, { grant_type: DEVICE_CODE_GRANT, device_code, ...form }, headers);
}

/** The page that asks whether to let the device in, in the browser of that person. */
export async function confirmationPage(
  base: string,
  { verification_uri_complete }: Pick<DeviceCodes, 'verification_uri_complete'>,
  person: Pick<TestPerson, 'username' | 'password'>,
  agent = new UserAgent(base),
): Promise<{ agent: UserAgent; page: Answer }> {
  let page = await agent.follow(
    await agent.get(new URL(verification_uri_complete).pathname + queryOf(verification_uri_complete)),
  );
  if (page.text.includes('name="password"')) page = await agent.signIn(page, person);
  return { agent, page };
}

/** A browser in which that person is signed in, at the form that asks for a code. */
export async function atCodeForm(
  base: string,
  person: Pick<TestPerson, 'username' | 'password'>,
): Promise<{ agent: UserAgent; page: Answer }> {
  const agent = new UserAgent(base);
  const page = await agent.signIn(await agent.follow(await agent.get('/device')), person);
  return { agent, page };
}

/** Changes the one row of that device, as time would. */
export async function changeDevice(
  { app }: Pick<TestClinch, 'app'>,
  clientId: string,
  change: Partial<DeviceCodeEntity>,
): Promise<void> {
  await app.get(DataSource).getRepository(DeviceCodeEntity).update({ clientId }, change);
}

/** The one row of that client. */
export function deviceOf({ app }: Pick<TestClinch, 'app'>, clientId: string): Promise<DeviceCodeEntity> {
  return app.get(DataSource).getRepository(DeviceCodeEntity).findOneByOrFail({ clientId });
}

function queryOf(address: string): string {
  return new URL(address).search;
}
