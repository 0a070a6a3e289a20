import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../audit/server-log.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { asOAuthError } from '../http/failure.js';
import { logFailure } from '../http/log-failure.js';
import { OAuthError } from '../protocol/oauth-error.js';

/** No token was presented at all: the challenge says so without an error (RFC 6750 §3.1). */
export class TokenMissingError extends OAuthError {
  constructor() {
    super('invalid_token', 'an access token is required');
  }
}

/** Errors of a protected resource: the reason is in `WWW-Authenticate` (RFC 6750 §3), and again in the body. */
@Catch()
@Injectable()
export class BearerErrorFilter implements ExceptionFilter {
  constructor(private readonly log: ServerLog) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<ClinchRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = asOAuthError(exception);
    logFailure(this.log, request, error);
    response.status(error.status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    if (error.retryAfter !== undefined) response.set('Retry-After', String(error.retryAfter));
    if (error.status < 500) response.set('WWW-Authenticate', challenge(error));
    response.json(error.toParameters());
  }
}

function challenge(error: OAuthError): string {
  if (error instanceof TokenMissingError) return 'Bearer realm="clinch"';
  const attributes = Object.entries(error.toParameters()).map(([name, value]) => `${name}="${value}"`);
  return ['Bearer realm="clinch"', ...attributes].join(', ');
}
