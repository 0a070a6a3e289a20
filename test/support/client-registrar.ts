import { REDIRECT_URI } from './builders.js';
import type { TestClinch } from './start-clinch.js';
import type { Json } from './admin-api.js';

/** What an app says of itself when it registers; the rest is as it is by default. */
export const METADATA = { client_name: 'Expenses', redirect_uris: [REDIRECT_URI] };

export interface RegistrationAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of JSON, if it is. */
  readonly body: Json;
}

/** Registers apps as a program of theirs would (RFC 7591, RFC 7592). */
export class ClientRegistrar {
  constructor(
    private readonly clinch: Pick<TestClinch, 'url'>,
    /** An initial access token; undefined for none. */
    private readonly token: string | undefined,
  ) {}

  /** @param metadata JSON, unless it is a text already */
  async register(metadata: unknown, headers: Readonly<Record<string, string>> = {}): Promise<RegistrationAnswer> {
    return this.send(`${this.clinch.url}/oidc/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(this.token), ...headers },
      body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
    });
  }

  /** @param registered the answer of the registration, or what of it is to be used */
  async configuration(
    method: string,
    registered: Json,
    token: string | undefined = String(registered['registration_access_token']),
  ): Promise<RegistrationAnswer> {
    return this.send(String(registered['registration_client_uri']), { method, headers: bearer(token) });
  }

  private async send(url: string, init: RequestInit): Promise<RegistrationAnswer> {
    const response = await fetch(url, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Json) : {},
    };
  }
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
}
