import type { ServerLog } from '../audit/server-log.js';
import type { OAuthError } from '../protocol/oauth-error.js';
import { loggedPath, type ClinchRequest } from './clinch-request.js';

/** One line under the trace id: what the client was told, and what it was not; counted when the request is over. */
export function logFailure(log: ServerLog, request: ClinchRequest, error: OAuthError): void {
  request.refusedWith = error.code;
  const fields = {
    kind: 'refusal',
    traceId: request.traceId,
    path: loggedPath(request),
    status: error.status,
    error: error.code,
    description: error.description,
    hint: error.hint,
    ...(error.cause === undefined ? {} : { err: error.cause }),
  };
  if (error.status >= 500) log.failure(fields);
  else log.info(fields);
}
