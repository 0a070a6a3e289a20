import { Injectable } from '@nestjs/common';
import { FederationError, type FederationCause } from '../app-templates/federation-error.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import { ask, matching, objectOf, passingCause, readAnswer, secretOf, successOf, type Reading } from './answers.js';

const LEG = 'sts';
/** Milliseconds. It fetches our keys in that time, when it does not know them. */
const TIMEOUT_MS = 1_800;

/** What the Security Token Service is asked for. */
export interface RoleRequest {
  /** The endpoint. */
  readonly url: string;
  readonly oidcProviderArn: string;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly seconds: number;
  readonly idToken: string;
  readonly signal: AbortSignal;
}

/** Credentials of a role. They are passed on to the sign-in service and forgotten. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
}

export interface AssumedRole {
  readonly credentials: RoleCredentials;
  /** `ID:SESSIONNAME` */
  readonly assumedRoleId: string;
  readonly requestId: string | undefined;
}

const CAUSES: Readonly<Record<string, FederationCause>> = {
  'AuthenticationFail.NoPermission': 'trust_policy',
  'AuthenticationFail.OIDCToken.Invalid': 'token_refused',
  'AuthenticationFail.OIDCToken.InvalidSignature': 'signature_refused',
  'AuthenticationFail.OIDCToken.IssuerNotMatch': 'issuer_refused',
  'AuthenticationFail.OIDCToken.AudienceNotMatch': 'audience_refused',
  'AuthenticationFail.OIDCToken.Expired': 'token_expired',
  'AuthenticationFail.OIDCToken.IssuerConfigurationBroken': 'issuer_unreachable',
  'AuthenticationFail.OIDCToken.HttpsUrlInvalid': 'certificate_refused',
  'AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch': 'thumbprint_mismatch',
  'InvalidParameter.DurationSeconds': 'session_too_long',
  'EntityNotExist.Role': 'unknown_role',
  'EntityNotExist.OIDCProvider': 'unknown_provider',
};

/** Alibaba Cloud's Security Token Service, version 2015-04-01: an id token for credentials of a RAM role. */
@Injectable()
export class StsClient {
  constructor(private readonly http: OutboundHttp) {}

  /**
   * AssumeRoleWithOIDC, which needs no key and no signature of ours. The token goes in the form, not in the query:
   * addresses are logged by whatever stands in between.
   *
   * @throws {FederationError}
   */
  async assumeRole(request: RoleRequest): Promise<AssumedRole> {
    const { url, oidcProviderArn, roleArn, sessionName, seconds, idToken, signal } = request;
    const form = {
      OIDCProviderArn: oidcProviderArn,
      RoleArn: roleArn,
      OIDCToken: idToken,
      RoleSessionName: sessionName,
      DurationSeconds: String(seconds),
    };
    const answer = await ask(this.http, { leg: LEG, url: `${url}?${query()}`, form, timeoutMs: TIMEOUT_MS, signal });
    const reading = readAnswer(answer);
    const assumed = readAssumedRole(reading);
    if (assumed !== undefined) return assumed;
    const { code, requestId } = reading;
    throw new FederationError(refusalCause(reading), { leg: LEG, code, requestId });
  }
}

/** The common parameters, as Alibaba Cloud's own clients send them. */
function query(): string {
  return new URLSearchParams({
    Action: 'AssumeRoleWithOIDC',
    Version: '2015-04-01',
    Format: 'JSON',
    Timestamp: new Date().toISOString().replace(/\.\d{3}Z$/, 'Z'),
  }).toString();
}

function readAssumedRole(reading: Reading): AssumedRole | undefined {
  const success = successOf(reading);
  const credentials = objectOf(success?.['Credentials']);
  const accessKeyId = secretOf(credentials?.['AccessKeyId']);
  const accessKeySecret = secretOf(credentials?.['AccessKeySecret']);
  const securityToken = secretOf(credentials?.['SecurityToken']);
  const assumedRoleId = matching(objectOf(success?.['AssumedRoleUser'])?.['AssumedRoleId'], /^[\w.@:-]{1,200}$/);
  if (
    accessKeyId === undefined ||
    accessKeySecret === undefined ||
    securityToken === undefined ||
    assumedRoleId === undefined
  )
    return undefined;
  return {
    credentials: { accessKeyId, accessKeySecret, securityToken },
    assumedRoleId,
    requestId: reading.requestId,
  };
}

function refusalCause(reading: Reading): FederationCause {
  const { code, message } = reading;
  const passing = passingCause(reading);
  if (passing !== undefined) return passing;
  if (code === undefined || reading.status < 400) return 'unexpected';
  // One code for two things that are mended in different places.
  if (code === 'AuthenticationFail.NoPermission' && /no such oidc provider/i.test(message)) return 'unknown_provider';
  const known = Object.hasOwn(CAUSES, code) ? CAUSES[code] : undefined;
  if (known !== undefined) return known;
  return code.startsWith('AuthenticationFail.OIDCToken.') ? 'token_refused' : 'unexpected';
}
