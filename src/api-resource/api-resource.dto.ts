import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import {
  AnswerField,
  FormField,
  ObjectListField,
  RefusedField,
  SecondsField,
  TextField,
  TextListField,
} from '../admin/fields.js';
import { LONGEST_RESOURCE, resourceFault } from '../protocol/resource-indicator.js';
import { scopeNameFault } from './api-resource-rules.js';

/** A scope of an API. */
export class ApiScopeFields {
  @ApiProperty({ required: true })
  @FormField({ description: 'A scope-token of RFC 6749 §3.3.', example: 'orders:read', longest: 100 }, scopeNameFault)
  name: string;

  @TextField({
    description: 'What it allows, for the person who is asked.',
    example: 'See your orders',
    longest: 500,
    shortest: 1,
  })
  description?: string;
}

/** An API that access tokens can be for (RFC 8707). Rules about it as a whole are in `api-resource-rules.ts`. */
export class ApiFields {
  @FormField(
    {
      description:
        'The `resource` of requests and the `aud` of tokens: an absolute URI without a fragment, such as ' +
        '`https://api.example.com` or `urn:example:orders`. Never changed after creation.',
      example: 'https://orders.example.com',
      longest: LONGEST_RESOURCE,
      format: 'uri',
    },
    resourceFault,
  )
  identifier?: string;

  @TextField({ description: 'What people read.', example: 'Orders', longest: 200, shortest: 1 })
  name?: string;

  @ObjectListField(ApiScopeFields, {
    description: 'What tokens may allow at this API. A name may be the same as at another API.',
    fallback: [],
    most: 200,
  })
  scopes?: ApiScopeFields[];

  @SecondsField({
    description: 'Seconds that an access token for this API lives; null: as the app has it.',
    fallback: null,
    example: 600,
    from: 300,
    to: 86_400,
  })
  access_token_lifetime?: number | null;

  @TextListField({
    description: 'The confidential apps that are this API: they may ask what its tokens are worth (introspection).',
    example: ['orders-backend'],
    fallback: [],
    most: 20,
    longest: 64,
  })
  client_ids?: string[];
}

/** What a request may say of an API. */
export class ApiChanges extends ApiFields {
  @ApiHideProperty()
  @RefusedField('is made by Clinch; leave it out')
  id?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  created_at?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  updated_at?: never;
}

/** An API that is registered. */
export class NewApi extends ApiChanges {
  @ApiProperty({ required: true })
  override identifier: string;

  @ApiProperty({ required: true })
  override name: string;
}

/** An API that is replaced: it keeps its identifier, and what else is left out is as it is by default. */
export class ReplacedApi extends ApiChanges {
  @ApiProperty({ required: true })
  override name: string;
}

/** An API as it is read. */
export class Api extends ApiFields {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    format: 'date-time',
    example: '2026-01-31T08:15:00.000Z',
    description: 'null for `clinch-admin`, which comes with the server.',
  })
  created_at: string | null;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    format: 'date-time',
    example: '2026-01-31T08:15:00.000Z',
  })
  updated_at: string | null;
}
