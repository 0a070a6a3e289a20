import { ApiProperty } from '@nestjs/swagger';
import { ChoiceField, FormField, TextField, TextListField } from '../admin/fields.js';

/** Where a claim can go. */
export const CLAIM_PLACES = ['id_token', 'access_token', 'userinfo'] as const;

/** Claims that speak of the token itself: what they say is not an operator's to choose, or a token would be a lie. */
export const TOKEN_CLAIMS: readonly string[] = [
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'auth_time',
  'nonce',
  'azp',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
  'acr',
  'amr',
  'events',
  'cnf',
  'client_id',
  'scope',
  'grant_id',
  'userinfo_claims',
  'app_account',
];

/** Characters of an expression. */
export const LONGEST_EXPRESSION = 2_048;

/** What is wrong with the name of a claim that an operator would like to have. */
export function claimNameFault(name: string): string | undefined {
  if (name === 'sub') return 'cannot be set: subject_type and subject_expression say what the sub is';
  if (TOKEN_CLAIMS.includes(name)) return 'cannot be set: it says something of the token itself';
  if (['__proto__', 'constructor', 'prototype'].includes(name)) return 'cannot be set';
  return /^[\x21-\x7e]{1,100}$/.test(name) ? undefined : 'must be 1 to 100 characters of printable ASCII, no spaces';
}

/** A claim of an operator's own, and the expression that makes its value. */
export class ExtendedClaimFields {
  @ApiProperty({ required: true })
  @FormField({ description: 'The claim, each once.', example: 'department', longest: 100 }, claimNameFault)
  name?: string;

  @ApiProperty({ required: true })
  @TextField({
    description: 'A CEL expression over `user`, `app`, `session` and `scope`.',
    example: 'user.departments[0].name',
    longest: LONGEST_EXPRESSION,
    shortest: 1,
    multiline: true,
  })
  value?: string;

  @TextListField({
    description: 'Where it goes.',
    example: ['id_token'],
    fallback: ['id_token'],
    most: CLAIM_PLACES.length,
    longest: 20,
    choices: CLAIM_PLACES,
  })
  in?: (typeof CLAIM_PLACES)[number][];

  @ChoiceField(['omit', 'fail'], {
    description: 'What happens when the expression has no value: the claim is left out, or nobody is signed in.',
    fallback: 'omit',
  })
  on_error?: 'omit' | 'fail';
}
