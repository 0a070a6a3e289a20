import type { Response } from 'express';
import type { ClinchRequest } from './clinch-request.js';

/**
 * Refuses what never reached a surface of its own: an unknown path, a wrong method. Under /admin in the shape of all
 * errors there (RFC 9457), elsewhere as a line of JSON.
 */
export function sendRefusal(
  request: ClinchRequest,
  response: Response,
  status: number,
  body: Readonly<Record<string, string>>,
): void {
  response.status(status).set('Cache-Control', 'no-store');
  if (!isAdminPath(request.path)) {
    response.json(body);
    return;
  }
  const title = status === 404 ? 'There is nothing at this address' : 'This address does not take that method';
  const kind = status === 404 ? 'not-found' : 'malformed-request';
  const instance = `urn:trace:${request.traceId}`;
  response.type('application/problem+json');
  response.send(JSON.stringify({ type: `urn:clinch:problem:${kind}`, title, status, detail: title, instance }));
}

export function isAdminPath(path: string): boolean {
  return path.startsWith('/admin/api/');
}
