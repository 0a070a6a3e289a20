import { ApiProperty } from '@nestjs/swagger';
import { FormField } from '../admin/fields.js';
import { LONGEST_RESOURCE, resourceFault } from '../protocol/resource-indicator.js';
import { isScopeText } from '../protocol/scope.js';

export function scopeFault(text: string): string | undefined {
  return isScopeText(text) ? undefined : 'must be scope values of printable ASCII, separated by single spaces';
}

/** What an app may have on one API. */
export class ApiAccessFields {
  @ApiProperty({ required: true })
  @FormField(
    { description: 'The `identifier` of the API.', example: 'https://orders.example.com', longest: LONGEST_RESOURCE },
    resourceFault,
  )
  resource: string;

  @ApiProperty({ required: true })
  @FormField(
    {
      description: 'Scopes of that API, separated by spaces; empty: the audience alone.',
      example: 'orders:read',
      longest: 2_000,
    },
    scopeFault,
  )
  scope: string;
}
