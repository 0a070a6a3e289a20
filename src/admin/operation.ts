import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ApiProblems } from './admin-controller.js';
import { TakesQuery } from './admin-request.interceptor.js';
import { Conditional } from './conditional.interceptor.js';
import { Creates } from './idempotency.interceptor.js';

/** Bodies that run as they stand, by a short name. */
export type OperationExamples<Body> = Readonly<
  Record<string, { readonly summary: string; readonly value: Partial<Body> }>
>;

export interface OperationOptions {
  readonly summary: string;
  readonly description: string;
  /** 200 unless said. */
  readonly status?: number;
  /** The class of the answer… */
  readonly answer?: Type;
  /** …or of what it lists. */
  readonly list?: Type;
  readonly body?: { readonly type: Type; readonly examples: OperationExamples<object>; readonly required?: boolean };
  /** The answer bears an `ETag`: it is of one thing that can be changed. */
  readonly tagged?: boolean;
  /** It creates something, once under an `Idempotency-Key`, which its transaction uses up. What answers 201 does, unless said. */
  readonly creates?: boolean;
  /** It changes or ends what is there, under `If-Match` if that is sent. */
  readonly conditional?: boolean;
  /** Besides those that every operation has. */
  readonly problems?: readonly number[];
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken on; read it again to see how far it is.',
  204: 'Done; nothing to say.',
};

const ETAG = {
  ETag: {
    description: 'Of what is stored; for `If-Match` of a change (RFC 9110 §8.8.3).',
    schema: { type: 'string' as const },
  },
};

const IF_MATCH = ApiHeader({
  name: 'If-Match',
  required: false,
  description:
    'The `ETag` of what was read: the change is made only if nobody changed it since, or refused with 412 (RFC 9110 §13.1.1). ' +
    'A weak tag (`W/`), as a proxy that compresses makes of it, never matches: send it without the `W/`.',
  schema: { type: 'string' },
});

const IDEMPOTENCY_KEY = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description:
    'A fresh random text of yours: the same request with the same key is done once, and answered as the first time for a ' +
    'day, a secret included. The same key with another request is refused with 422.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

/** What an operation of the admin API says of itself in the OpenAPI document. */
export function Operation(options: OperationOptions): MethodDecorator {
  const { summary, description, status = 200, answer, list, body, tagged, conditional, problems = [] } = options;
  const { creates = status === 201 } = options;
  const words = DESCRIPTIONS[status] ?? '';
  const decorators: MethodDecorator[] = [
    ApiOperation({ summary, description }),
    ApiProblems(...problems, ...(body === undefined ? [] : [413, 415])),
  ];
  if (list !== undefined) {
    decorators.push(
      TakesQuery(),
      ApiExtraModels(list),
      ApiResponse({ status, description: 'One page.', schema: pageSchema(list) }),
    );
  } else if (answer === undefined) {
    decorators.push(ApiResponse({ status, description: words }));
  } else {
    decorators.push(ApiResponse({ status, description: words, type: answer, ...(tagged ? { headers: ETAG } : {}) }));
  }
  if (body !== undefined) {
    const { type, examples, required = true } = body;
    decorators.push(ApiBody({ type, required, examples: { ...examples } }));
  }
  if (creates) decorators.push(Creates(), ApiProblems(409, 422), IDEMPOTENCY_KEY);
  if (conditional) decorators.push(Conditional(), ApiProblems(412), IF_MATCH);
  return applyDecorators(...decorators);
}

function pageSchema(item: Type) {
  return {
    type: 'object',
    required: ['items', 'next_cursor'],
    properties: {
      items: { type: 'array', items: { $ref: getSchemaPath(item) } },
      next_cursor: {
        type: 'string',
        nullable: true,
        description: 'For `cursor` of the next page; null on the last one.',
      },
    },
  };
}
