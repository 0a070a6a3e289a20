import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../audit/server-log.js';
import type { ClinchRequest } from './clinch-request.js';
import { asOAuthError } from './failure.js';
import { logFailure } from './log-failure.js';
import { PageSender } from './page-sender.js';

/** Errors that a person sees: a page with what happened, what to do, and the trace id. Never a redirect. */
@Catch()
@Injectable()
export class PageErrorFilter implements ExceptionFilter {
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
    else this.pages.sendError(request, response, error);
  }
}
