import { Injectable, SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { tap, type Observable } from 'rxjs';
import type { AdminRequest } from './admin.guard.js';
import { EntityTags } from './entity-tag.js';
import { Precondition } from './precondition.js';
import { Problem } from './problem.js';

const CONDITIONAL = Symbol('takes-if-match');

/** For handlers that judge the actor's precondition where they write. `@Operation` says it with `conditional`. */
export const Conditional = (): MethodDecorator => SetMetadata(CONDITIONAL, true);

/** `If-Match` on the way in, `ETag` on the way out (RFC 9110 §13.1.1 and §8.8.3). */
@Injectable()
export class ConditionalInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly tags: EntityTags,
  ) {}

  /** @throws {Problem} 400 for an `If-Match` that nobody would judge: whoever sends one relies on it */
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const precondition = Precondition.of(request.get('if-match'), this.tags);
    if (precondition.isSet && this.reflector.get(CONDITIONAL, context.getHandler()) !== true) {
      throw new Problem('malformed-request', 'This operation does not look at If-Match; leave it out.');
    }
    request.administrator?.asksUnder(precondition);
    return next.handle().pipe(tap((answer) => this.tell(context.switchToHttp().getResponse<Response>(), answer)));
  }

  private tell(response: Response, answer: unknown): void {
    const tag = this.tags.ofAnswer(answer);
    if (tag !== undefined) response.setHeader('ETag', tag);
  }
}
