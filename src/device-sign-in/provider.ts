import { type JWTPayload, createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { CliError } from './cli-error.js';

const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const PATIENCE_MS = 10_000;

/** What a program is told of its provider. */
export interface ProviderSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** What tokens are to be for (RFC 8707); without it, they are for the provider alone. */
  readonly resource?: string | undefined;
}

/** What a sign-in brings. */
export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
}

/** What a person is told, and what this program keeps to ask with (RFC 8628 §3.2). Times are in seconds. */
export interface DeviceCodes {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | undefined;
  readonly expiresIn: number;
  readonly interval: number;
}

/** The provider said no, by one of the codes of the specifications. */
export class Refused extends CliError {
  constructor(
    readonly code: string,
    description: unknown,
  ) {
    super(`The provider refused: ${typeof description === 'string' ? `${description} (${code})` : code}`);
  }
}

/** Nothing was decided, because nothing useful answered: worth another try. */
export class Unavailable extends CliError {}

type Body = Readonly<Record<string, unknown>>;

/** An OpenID provider as a public client without a browser sees it: all it is told is the issuer and its client id. */
export class Provider {
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  private constructor(
    private readonly settings: ProviderSettings,
    private readonly metadata: Body,
  ) {
    this.keys = createRemoteJWKSet(new URL(text(metadata, 'jwks_uri')));
  }

  /** Reads the metadata (OpenID Connect Discovery 1.0 §4.3). */
  static async discover(settings: ProviderSettings): Promise<Provider> {
    // OpenID Connect Discovery 1.0 §4.1: a slash at the end of the issuer is left out before this is appended.
    const { status, body } = await send(`${settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (status !== 200) throw new CliError(`${settings.issuer} is no OpenID provider: ${status} for its metadata.`);
    // Otherwise one provider could speak for another.
    if (body.issuer !== settings.issuer) {
      throw new CliError(`The metadata is of the issuer ${String(body.issuer)}, not of ${settings.issuer}.`);
    }
    return new Provider(settings, body);
  }

  /** Asks for a code to show (RFC 8628 §3.1). */
  async requestCodes(scope: string): Promise<DeviceCodes> {
    const { resource } = this.settings;
    const body = await this.post('device_authorization_endpoint', { scope, ...(resource ? { resource } : {}) });
    const complete = body.verification_uri_complete;
    return {
      deviceCode: text(body, 'device_code'),
      userCode: text(body, 'user_code'),
      verificationUri: webAddress(text(body, 'verification_uri')),
      verificationUriComplete: typeof complete === 'string' ? webAddress(complete) : undefined,
      expiresIn: Number(body.expires_in),
      // RFC 8628 §3.2: if no value is provided, clients MUST use 5 as the default.
      interval: typeof body.interval === 'number' ? body.interval : 5,
    };
  }

  /** One poll. @throws {Refused} `authorization_pending` and the others of RFC 8628 §3.5 */
  async fetchTokens({ deviceCode }: DeviceCodes): Promise<Tokens> {
    return this.tokens({ grant_type: DEVICE_CODE_GRANT, device_code: deviceCode });
  }

  /** @param resource what the new access token is for (RFC 8707 §2.2), when it is not what the sign-in was for */
  async refresh(refreshToken: string, resource?: string): Promise<Tokens> {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
    return this.tokens(resource ? { ...form, resource } : form);
  }

  /** RFC 7009 §2.1: with the refresh token ends all that came of the sign-in. */
  async revoke(refreshToken: string): Promise<void> {
    await this.post('revocation_endpoint', { token: refreshToken, token_type_hint: 'refresh_token' });
  }

  /** What the id_token says, once it has proven to be the provider's and for us (OpenID Connect Core 1.0 §3.1.3.7). */
  async verify(idToken: string): Promise<JWTPayload & { sub: string }> {
    const { issuer, clientId: audience } = this.settings;
    const rules = { issuer, audience, algorithms: ['RS256'], requiredClaims: ['sub', 'iat', 'exp'] };
    try {
      const { payload } = await jwtVerify<{ sub: string }>(idToken, this.keys, rules);
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout) {
        throw new Unavailable('The keys of the provider cannot be fetched.', { cause: error });
      }
      throw new CliError(`The id_token cannot be trusted: ${error.message}.`, { cause: error });
    }
  }

  /**
   * What the provider says about the person beyond the id_token. It must speak of the same one (OpenID Connect Core 1.0
   * §5.3.2).
   *
   * @returns undefined when it says nothing to this access token, which may be for an API alone
   */
  async userinfo(accessToken: string, sub: string): Promise<Body | undefined> {
    if (this.metadata.userinfo_endpoint === undefined) return undefined;
    const headers = { authorization: `Bearer ${accessToken}` };
    const { status, body } = await send(text(this.metadata, 'userinfo_endpoint'), { headers });
    return status === 200 && body.sub === sub ? body : undefined;
  }

  private async tokens(form: Record<string, string>): Promise<Tokens> {
    const body = await this.post('token_endpoint', form);
    const optional = (name: string) => (typeof body[name] === 'string' ? body[name] : undefined);
    return {
      accessToken: text(body, 'access_token'),
      idToken: optional('id_token'),
      refreshToken: optional('refresh_token'),
    };
  }

  private async post(endpoint: string, form: Record<string, string>): Promise<Body> {
    if (this.metadata[endpoint] === undefined) throw new CliError(`The provider has no ${endpoint}.`);
    const all = new URLSearchParams({ client_id: this.settings.clientId, ...form });
    const { status, body } = await send(text(this.metadata, endpoint), { method: 'POST', body: all });
    if (status === 200) return body;
    throw new Refused(typeof body.error === 'string' ? body.error : `status ${status}`, body.error_description);
  }
}

/** @throws {Unavailable} when there is no answer, or only the news that there will be one later */
export async function send(address: string, init: RequestInit = {}): Promise<{ status: number; body: Body }> {
  const { host } = new URL(address);
  // A redirect would carry the tokens of a request to wherever it points.
  const how: RequestInit = { ...init, redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) };
  const [status, answer] = await fetch(address, how)
    .then(async (response) => [response.status, await response.text()] as const)
    .catch((cause: unknown) => {
      throw new Unavailable(`${host} does not answer.`, { cause });
    });
  if (status >= 500 || status === 429) throw new Unavailable(`${host} cannot answer now (${status}).`);
  return { status, body: parse(answer) };
}

function parse(answer: string): Body {
  try {
    const json: unknown = JSON.parse(answer);
    return typeof json === 'object' && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new CliError(`The provider's answer lacks ${name}.`);
  return value;
}

/** It will be shown to a person as something to open. */
function webAddress(address: string): string {
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new CliError('The provider names an address that no browser opens.');
}
