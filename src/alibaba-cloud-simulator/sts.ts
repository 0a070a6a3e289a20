import type { JSONWebKeySet } from 'jose';
import { type Answer, type Call, json, parameter } from './exchange.js';
import { type IssuerTrust, fetchIssuerKeys } from './issuer-keys.js';
import { type AcceptedToken, verifyToken } from './oidc-token.js';
import type { OidcProvider } from './ram.js';
import { Refusal, newRequestId, tokenRefusal } from './refusal.js';
import { isTrusted } from './trust-policy.js';
import type { RoleSession, World } from './world.js';

const LEAST_SECONDS = 900;
const MOST_TOKEN_CHARACTERS = 20_000;
const MOST_POLICY_CHARACTERS = 2048;

interface AssumeRoleWithOidc {
  readonly providerArn: string;
  readonly roleArn: string;
  readonly token: string;
  readonly sessionName: string;
  readonly seconds: number;
}

/**
 * The Security Token Service (version 2015-04-01): `AssumeRoleWithOIDC`, which needs no signature. Its parameters may stand in
 * the query or in a form, or some here and some there, as its two official clients send them.
 */
export class Sts {
  readonly #keys = new Map<string, { readonly keys: JSONWebKeySet; readonly until: number }>();

  constructor(
    private readonly world: World,
    private readonly trust: IssuerTrust,
    /** How long keys of an issuer are used again. What Alibaba Cloud does is not published; 0 asks each time. */
    private readonly keysCachedSeconds: number,
  ) {}

  /** @throws {Refusal} */
  async answer(call: Call): Promise<Answer> {
    if (call.method !== 'POST' && call.method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'GET or POST.');
    requireAction(call);
    const request = readRequest(call);
    const { session, token } = await this.#takeRole(request);
    return json(success(session, token));
  }

  async #takeRole(request: AssumeRoleWithOidc): Promise<{ session: RoleSession; token: AcceptedToken }> {
    const found = this.world.findProvider(request.providerArn);
    if (!found) throw new Refusal(401, 'AuthenticationFail.NoPermission', 'No such OIDC Provider registered.');
    const token = await verifyToken(request.token, found.provider, (provider) => this.#keysOf(provider));
    const target = this.world.findRole(request.roleArn);
    if (!target) throw new Refusal(404, 'EntityNotExist.Role', `The role not exists: ${request.roleArn}.`);
    const { account, role } = target;
    const keys = { 'oidc:iss': [token.issuer], 'oidc:aud': token.audience, 'oidc:sub': [token.subject] };
    if (!isTrusted(role.trustPolicy, { providerArn: request.providerArn, keys })) {
      throw new Refusal(401, 'AuthenticationFail.NoPermission', 'There is no permission.');
    }
    if (request.seconds > role.maxSessionSeconds) throw wrongDuration(role.maxSessionSeconds);
    const taken = { account, role, sessionName: request.sessionName, subject: token.subject, issuer: token.issuer };
    return { session: this.world.takeRole(taken, request.seconds), token };
  }

  async #keysOf(provider: OidcProvider): Promise<JSONWebKeySet> {
    const kept = this.#keys.get(provider.issuer);
    if (kept && kept.until > Date.now()) return kept.keys;
    const keys = await fetchIssuerKeys(provider, this.trust);
    this.#keys.set(provider.issuer, { keys, until: Date.now() + this.keysCachedSeconds * 1000 });
    return keys;
  }
}

function requireAction(call: Call): void {
  const action = parameter(call, 'Action') ?? header(call, 'x-acs-action');
  const version = parameter(call, 'Version') ?? header(call, 'x-acs-version');
  if (action === undefined) throw new Refusal(400, 'MissingAction', 'Action is mandatory for this request.');
  if (version !== '2015-04-01') throw new Refusal(400, 'InvalidVersion', 'Specified parameter Version is not valid.');
  if (action !== 'AssumeRoleWithOIDC') {
    throw new Refusal(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.');
  }
  const format = parameter(call, 'Format') ?? 'JSON';
  if (format.toUpperCase() !== 'JSON') throw new Refusal(400, 'InvalidParameter.Format', 'Only JSON is simulated.');
}

function readRequest(call: Call): AssumeRoleWithOidc {
  const [providerArn, roleArn] = [required(call, 'OIDCProviderArn'), required(call, 'RoleArn')];
  if (!/^acs:ram::\d+:oidc-provider\/[\w.-]{1,128}$/.test(providerArn)) throw malformed('OIDCProviderArn');
  if (!/^acs:ram::\d+:role\/[\w.-]{1,64}$/.test(roleArn)) throw malformed('RoleArn');
  const sessionName = required(call, 'RoleSessionName');
  if (!/^[A-Za-z0-9.@\-_]{2,64}$/.test(sessionName)) throw malformed('RoleSessionName');
  const token = parameter(call, 'OIDCToken') ?? '';
  if (token === '') throw tokenRefusal('Invalid', 'The OIDC token is empty.');
  if (token.length < 4 || token.length > MOST_TOKEN_CHARACTERS) throw malformed('OIDCToken');
  requirePolicy(parameter(call, 'Policy'));
  const given = parameter(call, 'DurationSeconds') ?? '3600';
  const seconds = /^\d{1,6}$/.test(given) ? Number(given) : 0;
  if (seconds < LEAST_SECONDS) throw wrongDuration();
  return { providerArn, roleArn, token, sessionName, seconds };
}

function requirePolicy(policy: string | undefined): void {
  if (policy === undefined) return;
  if (policy.length > MOST_POLICY_CHARACTERS) {
    throw new Refusal(
      400,
      'InvalidParameter.PolicySize',
      `The max size of policy string is ${MOST_POLICY_CHARACTERS}.`,
    );
  }
  try {
    JSON.parse(policy);
  } catch {
    throw new Refusal(400, 'InvalidParameter.PolicyGrammar', 'The parameter Policy has not passed grammar check.');
  }
}

function required(call: Call, name: string): string {
  const value = parameter(call, name);
  if (value !== undefined && value !== '') return value;
  throw new Refusal(400, `Missing${name}`, `${name} is mandatory for this action.`);
}

const malformed = (name: string) =>
  new Refusal(400, `InvalidParameter.${name}`, `The parameter ${name} is wrongly formed.`);

function wrongDuration(most = 43_200): Refusal {
  const message = `The Min/Max value of DurationSeconds is ${LEAST_SECONDS / 60}min/${most / 3600}hr.`;
  return new Refusal(400, 'InvalidParameter.DurationSeconds', message);
}

function header({ headers }: Call, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function success(session: RoleSession, token: AcceptedToken): object {
  const { account, role, sessionName, accessKeyId, accessKeySecret, securityToken } = session;
  return {
    RequestId: newRequestId(),
    OIDCTokenInfo: {
      Subject: token.subject,
      Issuer: token.issuer,
      ClientIds: token.audience.join(','),
      IssuanceTime: isoSeconds(token.issuedAt),
      ExpirationTime: isoSeconds(token.expiresAt),
      VerificationInfo: 'Success',
    },
    AssumedRoleUser: {
      Arn: `${account.roleArn(role)}/${sessionName}`,
      AssumedRoleId: `${role.roleId}:${sessionName}`,
    },
    Credentials: {
      AccessKeyId: accessKeyId,
      AccessKeySecret: accessKeySecret,
      SecurityToken: securityToken,
      Expiration: isoSeconds(session.expiresAt),
    },
  };
}

/** Without the milliseconds, which Alibaba Cloud does not write. */
function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
