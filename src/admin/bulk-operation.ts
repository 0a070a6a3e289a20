import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProperty, ApiResponse } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { ApiProblems } from './admin-controller.js';
import { Needs } from './admin-part.js';
import { StreamsBody, TakesQuery } from './admin-request.interceptor.js';
import { NDJSON } from './ndjson.js';

/** The query of an import. */
export class ImportQuery {
  @ApiProperty({
    type: String,
    required: false,
    enum: ['true', 'false'],
    description: 'Only says what would become of each line; changes nothing.',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'must be true or false' })
  dry_run?: 'true' | 'false';
}

interface BulkWords {
  readonly summary: string;
  readonly description: string;
  /** The right of its own that it needs. */
  readonly scope: string;
}

/** What an export says of itself in the OpenAPI document. */
export function ExportOperation({ summary, description, scope }: BulkWords): MethodDecorator {
  return applyDecorators(
    Needs(scope),
    ApiOperation({ summary, description }),
    ApiResponse({ status: 200, description: 'One object a line.', content: linesOf('One object a line.') }),
  );
}

/** What an import says of itself. @param example lines that run as they stand */
export function ImportOperation(words: BulkWords & { readonly example: string }): MethodDecorator {
  const { summary, description, scope, example } = words;
  return applyDecorators(
    Needs(scope),
    HttpCode(200),
    TakesQuery(),
    StreamsBody(),
    ApiOperation({ summary, description }),
    ApiProblems(415),
    ApiConsumes(NDJSON),
    ApiBody({
      required: true,
      schema: { type: 'string' },
      examples: { some: { summary: 'Some lines', value: example } },
    }),
    ApiResponse({
      status: 200,
      description: 'One line of result for each line, and one that counts them.',
      content: linesOf(RESULT),
    }),
  );
}

const RESULT =
  'For each line `line` (from 1 on), `result` (`created`, `updated`, `unchanged`, `failed`), `id`; of one that failed ' +
  '`status`, `detail` and `errors` as in problem details. The last line has `done` and the counts.';

function linesOf(description: string) {
  return { [NDJSON]: { schema: { type: 'string' as const, description } } };
}
