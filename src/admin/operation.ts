import { applyDecorators, type Type } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ApiProblems } from './admin-controller.js';
import { TakesQuery } from './admin-request.interceptor.js';

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
  /** Besides those that every operation has. */
  readonly problems?: readonly number[];
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken on; read it again to see how far it is.',
  204: 'Done; nothing to say.',
};

/** What an operation of the admin API says of itself in the OpenAPI document. */
export function Operation(options: OperationOptions): MethodDecorator {
  const { summary, description, status = 200, answer, list, body, problems = [] } = options;
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
    decorators.push(ApiResponse({ status, description: words, type: answer }));
  }
  if (body !== undefined) {
    const { type, examples, required = true } = body;
    decorators.push(ApiBody({ type, required, examples: { ...examples } }));
  }
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
