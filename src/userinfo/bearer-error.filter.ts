import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../audit/server-log.js';
import { bearerChallenge } from '../http/bearer.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { asOAuthError } from '../http/failure.js';
import { logFailure } from '../http/log-failure.js';

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
    if (response.headersSent) {
      response.end();
      return;
    }
    response.status(error.status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    if (error.retryAfter !== undefined) response.set('Retry-After', String(error.retryAfter));
    if (error.status < 500) response.set('WWW-Authenticate', bearerChallenge(error));
    response.json(error.toParameters());
  }
}
