import { expect } from 'vitest';
import type { TestClinch } from './start-clinch.js';

export type Json = Record<string, unknown>;

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** The admin API as an operator's script would call it, by the operators' client. */
export class AdminApi {
  private constructor(
    private readonly url: string,
    readonly token: string,
  ) {}

  static async of(clinch: TestClinch): Promise<AdminApi> {
    return new AdminApi(clinch.url, await clinch.adminToken());
  }

  /**
   * @param body JSON, unless it is a text already
   * @param headers more of them, or others in the place of the usual ones
   */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<AdminAnswer> {
    const response = await fetch(`${this.url}/admin/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    // An export is no one object.
    const isObject = text !== '' && response.headers.get('content-type')?.includes('ndjson') !== true;
    return { status: response.status, headers: response.headers, body: isObject ? (JSON.parse(text) as Json) : {} };
  }

  /** What was made; the test fails when it was refused. */
  async made(
    collection: 'apps' | 'users' | 'groups' | 'scopes' | 'api-resources' | 'audit-exports' | 'identity-sources',
    body: object,
  ): Promise<Json> {
    const answer = await this.call('POST', collection, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body;
  }
}

/** The names of the fields that a problem is about. */
export function fieldsOf({ body }: Pick<AdminAnswer, 'body'>): string[] {
  const errors = body['errors'];
  return Array.isArray(errors) ? errors.map(({ field }: Json) => String(field)) : [];
}
