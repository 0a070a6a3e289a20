import { DemoError } from './demo-settings.js';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Works at Clinch's admin API as any operator's script would: over HTTP, with the operators' client. */
export class Operator {
  private constructor(
    private readonly issuer: string,
    private readonly accessToken: string,
  ) {}

  /** Gets an access token by client credentials. Throws DemoError with the server's answer when it is refused. */
  static async signIn(issuer: string, { clientId, clientSecret }: Credentials): Promise<Operator> {
    // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const answer = await fetch(`${issuer}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
    });
    const { access_token: accessToken } = await readAnswer(answer);
    if (typeof accessToken !== 'string')
      throw new DemoError('Clinch answered the token request without an access token.');
    return new Operator(issuer, accessToken);
  }

  /** Makes one thing of a collection, such as a person (`users`). Gives what Clinch answers; throws DemoError when it refuses. */
  async create(collection: string, body: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.issuer}/admin/api/v1/${collection}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return readAnswer(answer);
  }

  /** The first page of a collection, up to 200. Throws DemoError when it is refused. */
  async list(collection: string): Promise<Record<string, unknown>[]> {
    const answer = await fetch(`${this.issuer}/admin/api/v1/${collection}?limit=200`, {
      headers: { authorization: `Bearer ${this.accessToken}` },
    });
    const { items } = await readAnswer(answer);
    return Array.isArray(items) ? (items as Record<string, unknown>[]) : [];
  }
}

async function readAnswer(answer: Response): Promise<Record<string, unknown>> {
  const text = await answer.text();
  if (!answer.ok) throw new DemoError(`Clinch refused ${new URL(answer.url).pathname} with ${answer.status}: ${text}`);
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null ? { ...json } : {};
}
