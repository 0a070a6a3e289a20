import { ApiProperty } from '@nestjs/swagger';

/** One field of a problem, as it is sent. */
export class ProblemField {
  @ApiProperty({ type: String, example: 'redirect_uris.0', description: 'Its name, with dots into lists and objects.' })
  field: string;

  @ApiProperty({ type: String, example: 'must use https; http is for loopback addresses only' })
  problem: string;
}

/** What every error of the admin API looks like (RFC 9457). */
export class ProblemDetails {
  @ApiProperty({
    type: String,
    format: 'uri',
    example: 'urn:clinch:problem:invalid-field',
    description: 'The kind of problem: stable, for programs.',
  })
  type: string;

  @ApiProperty({ type: String, example: 'A field is not acceptable' })
  title: string;

  @ApiProperty({ type: Number, example: 400 })
  status: number;

  @ApiProperty({ type: String, example: 'redirect_uris.0 must use https; http is for loopback addresses only' })
  detail: string;

  @ApiProperty({
    type: String,
    example: 'urn:trace:5f0e8b0c-7b1c-4f5e-9f0a-2f1c8f3f9d11',
    description: 'This one occurrence: the log has a line under the same trace id.',
  })
  instance: string;

  @ApiProperty({
    type: [ProblemField],
    required: false,
    description: 'The fields that are not acceptable, all of them.',
  })
  errors?: ProblemField[];

  @ApiProperty({
    type: String,
    required: false,
    example: 'invalid_redirect_uri',
    description: 'The code that a specification has for it, such as those of RFC 7591 §3.2.2 and RFC 6750 §3.1.',
  })
  error?: string;
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
