import { CliError } from '../device-sign-in/cli-error.js';
import { Unavailable } from '../device-sign-in/provider.js';
import type { RoleSettings, Settings } from './settings.js';

/** What STS answered instead of credentials: `{RequestId, HostId, Code, Message, Recommend}`. */
export interface StsAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string | undefined;
}

type Words = (names: { issuer: string; clientId: string; role: string; provider: string }) => string;

/** Codes of AssumeRoleWithOIDC. */
const WORDS: Readonly<Record<string, Words>> = {
  'AuthenticationFail.NoPermission': ({ role, clientId, issuer }) =>
    `the trust policy of ${role} does not let this sign-in in. Its conditions have to name oidc:iss ${issuer}, oidc:aud ${clientId}, and you, if they name an oidc:sub`,
  'AuthenticationFail.OIDCToken.AudienceNotMatch': ({ provider, clientId }) =>
    `${clientId} is not among the client ids of ${provider}`,
  'AuthenticationFail.OIDCToken.IssuerNotMatch': ({ provider, issuer }) =>
    `${provider} is registered for another issuer than ${issuer}; every character counts`,
  'AuthenticationFail.OIDCToken.Expired': () =>
    'the id_token had expired when it arrived, or is older than the issuance limit of the provider. Look at the clocks',
  'AuthenticationFail.OIDCToken.InvalidSignature': ({ issuer }) =>
    `it could not verify the signature with the keys of ${issuer}`,
  'AuthenticationFail.OIDCToken.Invalid': () =>
    'it does not understand the id_token. The app has to be signed with RS256',
  'AuthenticationFail.OIDCToken.IssuerConfigurationBroken': ({ issuer }) =>
    `it could not fetch the discovery document or the keys of ${issuer}, which have to be on the internet`,
  'AuthenticationFail.OIDCToken.HttpsUrlInvalid': ({ issuer }) =>
    `it does not accept the certificate of ${issuer}, or its chain is not complete`,
  'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch': ({ provider, issuer }) =>
    `the certificate of ${issuer} has another thumbprint than those that stand in ${provider}`,
  'EntityNotExist.Role': ({ role }) => `there is no ${role}`,
  'EntityNotExist.OIDCProvider': ({ provider }) => `there is no ${provider}`,
  'InvalidParameter.DurationSeconds': ({ role }) =>
    `the session would be longer than ${role} allows (its MaxSessionDuration, an hour unless it says more)`,
};

/**
 * Why STS gave no credentials, in words that name what to mend.
 *
 * @returns an error whose message holds neither the token nor what STS wrote; an `Unavailable` when it may be over soon
 */
export function refusal(answer: StsAnswer, role: RoleSettings, { issuer, clientId }: Settings): CliError {
  const names = { issuer, clientId, role: role.roleArn, provider: role.oidcProviderArn };
  const { code, requestId } = answer;
  const facts = [code || `status ${answer.status}`, ...(requestId ? [`request ${requestId}`] : [])].join(', ');
  const words = `Alibaba Cloud gave no credentials: ${why(answer, names)}. (${facts})`;
  return isBusy(answer) || answer.status >= 500 ? new Unavailable(words) : new CliError(words);
}

function isBusy({ code, status }: Pick<StsAnswer, 'code' | 'status'>): boolean {
  return code.startsWith('Throttling') || status === 429;
}

function why({ code, message, status }: StsAnswer, names: Parameters<Words>[0]): string {
  if (isBusy({ code, status })) return 'it is asked too often. Try again in a moment';
  // One code for two causes, which only the message tells apart.
  if (code === 'AuthenticationFail.NoPermission' && /no such oidc provider/i.test(message)) {
    return `there is no ${names.provider}`;
  }
  if (Object.hasOwn(WORDS, code)) return WORDS[code]?.(names) ?? code;
  return status >= 500 ? 'it cannot answer now' : 'it refused for a reason that this program does not know';
}

/** What may be shown of the message of STS: it may quote the token, or parts of it. */
export function withoutTokens(text: string, token: string): string {
  // The parts of a JWT begin like JSON in base64url, but for the signature, which is long.
  return text.replaceAll(token, '[token]').replace(/eyJ[\w.-]*|[\w-]{60,}/g, '[token]');
}
