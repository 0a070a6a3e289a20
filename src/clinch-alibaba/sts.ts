import { CliError } from '../device-sign-in/cli-error.js';
import { Unavailable } from '../device-sign-in/provider.js';
import type { RoleSettings, Settings } from './settings.js';
import type { Credentials } from './state-file.js';
import { refusal, withoutTokens } from './sts-refusal.js';

const PATIENCE_MS = 10_000;

/**
 * Exchanges an id_token for credentials: AssumeRoleWithOIDC, version 2015-04-01, which needs no AccessKey and no signature.
 * The token goes into the body, as proxies and servers log addresses.
 *
 * @param explain is told what STS wrote, without the token
 * @throws {CliError} in words that name the cause
 */
export async function assumeRole(
  idToken: string,
  sessionName: string,
  role: RoleSettings,
  settings: Settings,
  explain: (line: string) => void,
): Promise<Credentials> {
  const address = new URL(role.stsUrl);
  const timestamp = new Date().toISOString().replace(/\.\d+/, '');
  const call = { Action: 'AssumeRoleWithOIDC', Version: '2015-04-01', Format: 'JSON', Timestamp: timestamp };
  for (const [name, value] of Object.entries(call)) address.searchParams.set(name, value);
  const form = new URLSearchParams({
    OIDCProviderArn: role.oidcProviderArn,
    RoleArn: role.roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: String(role.durationSeconds),
    OIDCToken: idToken,
  });
  const { status, body } = await post(address, form);
  const requestId = typeof body.RequestId === 'string' ? body.RequestId : undefined;
  explain(`STS answered ${status}, request ${requestId ?? 'without an id'}.`);
  if (status === 200) return credentialsIn(body.Credentials);
  const code = typeof body.Code === 'string' ? body.Code : '';
  const message = typeof body.Message === 'string' ? body.Message : '';
  explain(`STS: ${code} ${withoutTokens(message, idToken)}`);
  throw refusal({ status, code, message, requestId }, role, settings);
}

async function post(address: URL, body: URLSearchParams): Promise<{ status: number; body: Record<string, unknown> }> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    // A redirect would carry the token to wherever it points.
    const answer = await fetch(address, { method: 'POST', body, redirect: 'error', signal });
    return { status: answer.status, body: objectIn(await answer.text()) };
  } catch (cause) {
    throw new Unavailable(`${address.host} does not answer.`, { cause });
  }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}

function credentialsIn(answer: unknown): Credentials {
  const { AccessKeyId, AccessKeySecret, SecurityToken, Expiration } = (answer ?? {}) as Record<string, unknown>;
  const [id, secret, token, end] = [AccessKeyId, AccessKeySecret, SecurityToken, Expiration].map((value) =>
    typeof value === 'string' ? value : '',
  );
  if (!id || !secret || !token || !end || Number.isNaN(Date.parse(end))) {
    throw new CliError('Alibaba Cloud answered without whole credentials.');
  }
  // Readers in Go take this form alone: no fractions.
  const expiration = new Date(end).toISOString().replace(/\.\d+/, '');
  return { access_key_id: id, access_key_secret: secret, sts_token: token, expiration };
}
