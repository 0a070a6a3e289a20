import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../audit/server-log.js';
import type { ClinchRequest } from './clinch-request.js';
import { asOAuthError } from './failure.js';
import { logFailure } from './log-failure.js';

/**
 * Errors of the endpoints that programs call, in the shape of RFC 6749 §5.2; protected resources additionally say it
 * in `WWW-Authenticate` (RFC 6750 §3). Catches everything, so that no answer of these endpoints has another shape.
 */
@Catch()
@Injectable()
export class OAuthErrorFilter implements ExceptionFilter {
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
    // RFC 6749 §5.2: 401 answers carry the challenge of the scheme that the client used or could have used.
    if (error.code === 'invalid_client') response.set('WWW-Authenticate', 'Basic realm="clinch", charset="UTF-8"');
    response.json(error.toParameters());
  }
}
