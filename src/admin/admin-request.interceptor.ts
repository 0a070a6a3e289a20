import { Injectable, SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import type { Observable } from 'rxjs';
import type { AdminRequest } from './admin.guard.js';
import { Problem } from './problem.js';
import { hasBody, readJson } from './read-json.js';

const TAKES_QUERY = Symbol('takes-query');
const STREAMS_BODY = Symbol('streams-body');

/** For handlers that have query parameters; all others refuse every one, so that a misspelt wish is not ignored. */
export const TakesQuery = () => SetMetadata(TAKES_QUERY, true);

/** For handlers that read the body by themselves, while it comes. */
export const StreamsBody = () => SetMetadata(STREAMS_BODY, true);

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** What comes after the guard and before the handler: `no-store`, no query that nobody reads, the JSON body. */
@Injectable()
export class AdminRequestInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    context.switchToHttp().getResponse<Response>().setHeader('Cache-Control', 'no-store');
    if (this.reflector.get(TAKES_QUERY, context.getHandler()) !== true) refuseQuery(request);
    const streams = this.reflector.get(STREAMS_BODY, context.getHandler()) === true;
    if (METHODS_WITH_BODY.has(request.method) && !streams) {
      request.body = hasBody(request) ? await readJson(request) : {};
    }
    return next.handle();
  }
}

function refuseQuery(request: AdminRequest): void {
  const errors = Object.keys(request.query).map((field) => ({ field, problem: 'is not a query parameter here' }));
  if (errors.length > 0) throw Problem.ofFields(errors);
}
