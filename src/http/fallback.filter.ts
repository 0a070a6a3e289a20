import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../audit/server-log.js';
import type { ClinchRequest } from './clinch-request.js';
import { asOAuthError } from './failure.js';
import { logFailure } from './log-failure.js';
import { PageSender } from './page-sender.js';
import { isAdminPath, sendRefusal } from './plain-refusal.js';

/** What no surface has claimed, such as an unknown path: a page for a browser, a line of JSON for a program. */
@Catch()
@Injectable()
export class FallbackFilter implements ExceptionFilter {
  constructor(
    private readonly log: ServerLog,
    private readonly pages: PageSender,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<ClinchRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = asOAuthError(exception);
    logFailure(this.log, request, error);
    if (response.headersSent) response.end();
    else if (!isAdminPath(request.path) && request.accepts(['json', 'html']) === 'html') {
      this.pages.sendError(request, response, error);
    } else {
      if (error.retryAfter !== undefined) response.set('Retry-After', String(error.retryAfter));
      const body = error.status === 404 ? { error: 'not_found' } : error.toParameters();
      sendRefusal(request, response, error.status, body);
    }
  }
}
