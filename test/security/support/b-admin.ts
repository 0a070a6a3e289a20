import type { TestClinch } from '../../support/start-clinch.js';

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** Asks the admin API, as the operators' client. A body that is a text is sent as it is. */
export function adminOf(clinch: TestClinch) {
  let token: Promise<string> | undefined;
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<AdminAnswer> => {
    token ??= clinch.adminToken();
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${clinch.url}/admin/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${await token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    const json = answer.startsWith('{') ? (JSON.parse(answer) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, text: answer, body: json };
  };
}

export type Admin = ReturnType<typeof adminOf>;
