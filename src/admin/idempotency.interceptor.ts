import { Injectable, SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { from, lastValueFrom, of, type Observable } from 'rxjs';
import type { AdminActor } from './admin-actor.js';
import type { AdminRequest } from './admin.guard.js';
import { EntityTags } from './entity-tag.js';
import { IdempotencyKey } from './idempotency-key.js';
import { IdempotencyKeys } from './idempotency-keys.js';
import { Problem } from './problem.js';

const CREATES = Symbol('takes-idempotency-key');

/** For handlers that create something and use the key up with it (`useKey`). `@Operation` says it of those that answer 201. */
export const Creates = (): MethodDecorator => SetMetadata(CREATES, true);

/** Printable, with or without the quotes of draft-ietf-httpapi-idempotency-key-header §2.1. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** `Idempotency-Key`: a creation that is asked for twice is done once, and answered twice. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: IdempotencyKeys,
    private readonly tags: EntityTags,
  ) {}

  /** @throws {Problem} 400 for a key that nobody would look at: whoever sends one relies on it */
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const key = request.get('idempotency-key');
    const { administrator: actor } = request;
    if (key === undefined || actor === undefined) return next.handle();
    if (!KEY.test(key)) {
      throw new Problem(
        'malformed-request',
        'Idempotency-Key must have 1 to 255 printable ASCII characters, no blanks.',
      );
    }
    if (this.reflector.get(CREATES, context.getHandler()) !== true) {
      throw new Problem('malformed-request', 'This operation does not look at Idempotency-Key; leave it out.');
    }
    const content = `${request.method} ${request.originalUrl}\n${JSON.stringify(request.body)}`;
    const taken = await this.keys.take({ clientId: actor.clientId, key, content });
    if (taken instanceof IdempotencyKey) return from(this.answerOnce(taken, actor, next));
    const response = context.switchToHttp().getResponse<Response>().set('Idempotency-Replayed', 'true');
    if (taken.etag !== undefined) response.set('ETag', taken.etag);
    return of(taken.body);
  }

  private async answerOnce(key: IdempotencyKey, actor: AdminActor, next: CallHandler): Promise<unknown> {
    actor.asksWith(key);
    try {
      const body: unknown = await lastValueFrom(next.handle());
      await this.keys.keep(key, { body, etag: this.tags.ofAnswer(body) });
      return body;
    } catch (error) {
      await this.keys.free(key);
      throw error;
    }
  }
}
