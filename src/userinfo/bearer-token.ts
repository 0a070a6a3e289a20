import type { Request } from 'express';
import { bearerFromHeader } from '../http/bearer.js';
import { readForm } from '../http/read-form.js';
import { OAuthError } from '../protocol/oauth-error.js';

/**
 * The access token of a request, by header or, for POST, by form (RFC 6750 §2.1 and §2.2). Never by query
 * (RFC 9700 §4.3.2).
 *
 * @returns undefined when there is none
 * @throws {OAuthError} invalid_request when it was sent in two ways (RFC 6750 §3.1)
 */
export async function bearerToken(request: Request): Promise<string | undefined> {
  const fromHeader = bearerFromHeader(request);
  const fromBody = request.method === 'POST' && hasBody(request) ? await bodyToken(request) : undefined;
  if (fromHeader !== undefined && fromBody !== undefined) {
    throw new OAuthError('invalid_request', 'the access token was sent in two ways');
  }
  return fromHeader ?? fromBody;
}

function hasBody(request: Request): boolean {
  const type = request.headers['content-type'] ?? '';
  const length = Number(request.headers['content-length'] ?? 0);
  return type.startsWith('application/x-www-form-urlencoded') && (length > 0 || 'transfer-encoding' in request.headers);
}

async function bodyToken(request: Request): Promise<string | undefined> {
  return (await readForm(request)).refuseRepeats().get('access_token');
}
