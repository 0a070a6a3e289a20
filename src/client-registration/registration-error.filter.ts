import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { AdminScopeError } from '../admin/admin-scope.js';
import { Problem } from '../admin/problem.js';
import { ServerLog } from '../audit/server-log.js';
import { bearerChallenge } from '../http/bearer.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { asOAuthError } from '../http/failure.js';
import { logFailure } from '../http/log-failure.js';
import { OAuthError } from '../protocol/oauth-error.js';

/** Errors of registration: RFC 7591 §3.2.2 for what was sent, RFC 6750 §3 for the token that came with it. */
@Catch()
@Injectable()
export class RegistrationErrorFilter implements ExceptionFilter {
  constructor(private readonly log: ServerLog) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<ClinchRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = exception instanceof Problem ? metadataError(exception) : asOAuthError(exception);
    logFailure(this.log, request, error);
    if (response.headersSent) {
      response.end();
      return;
    }
    response.status(error.status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    if (error.retryAfter !== undefined) response.set('Retry-After', String(error.retryAfter));
    if (error.status === 401 || error.status === 403) {
      const scope = error instanceof AdminScopeError ? error.scope : undefined;
      response.set('WWW-Authenticate', bearerChallenge(error, scope));
    }
    response.json(error.toParameters());
  }
}

/** The rules speak in the admin API's words; the two codes are those of RFC 7591. */
function metadataError({ error, detail, status, cause }: Problem): OAuthError {
  const code = error === 'invalid_redirect_uri' ? error : 'invalid_client_metadata';
  return new OAuthError(code, detail, { status, cause });
}
