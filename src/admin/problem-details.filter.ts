import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../audit/server-log.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { bearerChallenge } from '../http/bearer.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { asOAuthError } from '../http/failure.js';
import { logFailure } from '../http/log-failure.js';
import { AdminScopeError } from './admin-scope.js';
import { PROBLEM_MEDIA_TYPE, type ProblemDetails } from './problem-details.js';
import { Problem } from './problem.js';

/** Titles of the problems that begin as an OAuthError: the bearer token's, the database's, and our own. */
const TITLES: Readonly<Record<string, readonly [kind: string, title: string]>> = {
  invalid_token: ['unauthorized', 'An access token is needed'],
  insufficient_scope: ['forbidden', 'The access token does not reach so far'],
  temporarily_unavailable: ['unavailable', 'Not available for the moment'],
  server_error: ['internal', 'Something went wrong on our side'],
};

/** Errors of the admin API as RFC 9457 problem details. Catches everything, so that no answer has another shape. */
@Catch()
@Injectable()
export class ProblemDetailsFilter implements ExceptionFilter {
  constructor(private readonly log: ServerLog) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<ClinchRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const body = exception instanceof Problem ? this.ofProblem(exception, request) : this.ofOther(exception, host);
    if (response.headersSent) {
      response.end();
      return;
    }
    if (exception instanceof Problem && exception.retryAfter !== undefined) {
      response.set('Retry-After', String(exception.retryAfter));
    }
    response.status(body.status).set('Cache-Control', 'no-store').type(PROBLEM_MEDIA_TYPE);
    response.send(JSON.stringify(body));
  }

  private ofProblem(problem: Problem, request: ClinchRequest): ProblemDetails {
    const { kind, title, status, detail, errors, error, cause } = problem;
    // The fields' names, not the detail: it may quote what was sent.
    const fields = errors?.map(({ field }) => field.slice(0, 100));
    this.log.info({
      kind: 'refusal',
      traceId: request.traceId,
      path: request.path,
      status,
      error: kind,
      ...(fields === undefined ? {} : { fields: fields.slice(0, 20) }),
      ...(cause === undefined ? {} : { err: cause }),
    });
    return {
      type: typeOf(kind),
      title,
      status,
      detail,
      instance: instanceOf(request),
      ...(errors === undefined ? {} : { errors: [...errors] }),
      ...(error === undefined ? {} : { error }),
    };
  }

  private ofOther(exception: unknown, host: ArgumentsHost): ProblemDetails {
    const request = host.switchToHttp().getRequest<ClinchRequest>();
    if (isUniqueViolation(exception)) {
      return this.ofProblem(new Problem('conflict', 'Something with this name is there already.'), request);
    }
    const error = asOAuthError(exception);
    logFailure(this.log, request, error);
    const response = host.switchToHttp().getResponse<Response>();
    if (error.retryAfter !== undefined) response.set('Retry-After', String(error.retryAfter));
    if (error.status === 401 || error.status === 403) {
      const scope = error instanceof AdminScopeError ? error.scope : undefined;
      response.set('WWW-Authenticate', bearerChallenge(error, scope));
    }
    const [kind, title] = TITLES[error.code] ?? ['malformed-request', 'The request cannot be read'];
    return {
      type: typeOf(kind),
      title,
      status: error.status,
      detail: error.description ?? `${title}. The trace id leads to the reason in the log.`,
      instance: instanceOf(request),
      error: error.code,
    };
  }
}

function typeOf(kind: string): string {
  return `urn:clinch:problem:${kind}`;
}

function instanceOf(request: ClinchRequest): string {
  return `urn:trace:${request.traceId}`;
}
