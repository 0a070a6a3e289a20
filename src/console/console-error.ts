import { Problem } from '../admin/problem.js';
import { PageError } from '../http/page-error.js';

/** What the rooms below say to programs, for a page. */
export function consoleError(error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const situation = error.kind === 'not-found' ? 'not_found' : 'invalid_request';
  return new PageError(situation, { status: error.status, hint: error.detail, cause: error });
}
