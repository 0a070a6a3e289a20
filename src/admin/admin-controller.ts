import { applyDecorators, Controller, UseFilters, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { AdminGuard } from './admin.guard.js';
import { AdminPart } from './admin-part.js';
import { AdminRequestInterceptor } from './admin-request.interceptor.js';
import { ConditionalInterceptor } from './conditional.interceptor.js';
import { AdminValidation, type ErrorCodeOf } from './admin-validation.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { PROBLEM_MEDIA_TYPE, ProblemDetails } from './problem-details.js';

/** Where the admin API begins; also the audience of its access tokens. */
export const ADMIN_API_PATH = '/admin/api/v1';

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request cannot be read, or a field is not acceptable: `errors` names each.',
  401: 'No access token, or not one for this API.',
  403: 'The access token lacks the scope of this operation, or one that the thing itself has. The answer names it.',
  404: 'There is no such thing.',
  409: 'It conflicts with what is there: a name that is taken, a change in between, a limit.',
  412: 'It was changed since: the `ETag` of `If-Match` is not its own any more.',
  413: 'The body is too large.',
  415: 'The body is not plain `application/json`.',
  422: 'The `Idempotency-Key` belongs to another request.',
  429: 'Too many requests. Try again after `Retry-After` seconds.',
  500: 'Something went wrong on our side; the trace id leads to the reason in the log.',
  503: 'The database is away or too busy. Try again after `Retry-After` seconds.',
};

const EVERYWHERE = [400, 401, 403, 429, 500, 503];

/** Declares answers as problem details. */
export function ApiProblems(...statuses: readonly number[]): ClassDecorator & MethodDecorator {
  const content = { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: getSchemaPath(ProblemDetails) } } };
  return applyDecorators(
    ...statuses.map((status) => ApiResponse({ status, description: PROBLEMS[status] ?? '', content })),
  );
}

/**
 * A controller of the admin API, in one word: its path, its guard, its scopes, its errors, its place in the OpenAPI
 * document.
 *
 * @param errorCodeOf for fields that a specification has error codes for
 */
export function AdminController(path: string, tag: string, errorCodeOf?: ErrorCodeOf): ClassDecorator {
  return applyDecorators(
    Controller(`${ADMIN_API_PATH}/${path}`),
    AdminPart(path, tag),
    UseGuards(AdminGuard),
    UseInterceptors(AdminRequestInterceptor, ConditionalInterceptor, IdempotencyInterceptor),
    UsePipes(new AdminValidation(errorCodeOf)),
    UseFilters(ProblemDetailsFilter),
    ApiTags(tag),
    ApiExtraModels(ProblemDetails),
    ApiProblems(...EVERYWHERE),
  );
}
