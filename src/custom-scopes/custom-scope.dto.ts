import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import {
  AnswerField,
  described,
  FormField,
  ObjectListField,
  RefusedField,
  TextField,
  TextListField,
} from '../admin/fields.js';
import { CLAIM_PLACES, ExtendedClaimFields } from '../app-registry/extended-claim.dto.js';
import { scopeNameFault } from './custom-scope-rules.js';

const wordsField = (description: string, example: string) =>
  TextField({ description, example, longest: 200, shortest: 1 });

/** What the consent page says, in each of its languages. */
export class ScopeDescription {
  @ApiProperty({ required: true })
  @wordsField('On the Chinese page.', '查看你的部门和职位')
  'zh-CN': string;

  @ApiProperty({ required: true })
  @wordsField('On the English page.', 'See your department and title')
  en: string;
}

/** A claim that a scope releases: at userinfo unless said, where the claims of the standard scopes are. */
export class ScopeClaimFields extends ExtendedClaimFields {
  @TextListField({
    description: 'Where it goes.',
    example: ['userinfo'],
    fallback: ['userinfo'],
    most: CLAIM_PLACES.length,
    longest: 20,
    choices: CLAIM_PLACES,
  })
  override in?: (typeof CLAIM_PLACES)[number][];
}

/** A scope of the operator's own. Rules about it as a whole are in `custom-scope-rules.ts`. */
export class ScopeFields {
  @FormField(
    {
      description: 'A scope-token of RFC 6749 §3.3 that is not one of OpenID Connect or of Clinch. Never changed.',
      example: 'employment',
      longest: 100,
    },
    scopeNameFault,
  )
  name?: string;

  @described({ description: 'For the person who is asked, replaced as a whole.' }, { type: () => ScopeDescription })
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => ScopeDescription)
  description?: ScopeDescription;

  @ObjectListField(ScopeClaimFields, {
    description: 'The claims that it releases to apps that were granted it. The list is replaced as a whole.',
    fallback: [],
    most: 50,
  })
  claims?: ScopeClaimFields[];
}

/** What a request may say of a scope. */
export class ScopeChanges extends ScopeFields {
  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  created_at?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  updated_at?: never;
}

/** A scope that is made. */
export class NewScope extends ScopeChanges {
  @ApiProperty({ required: true })
  override name: string;

  @ApiProperty({ required: true, type: () => ScopeDescription })
  override description: ScopeDescription;
}

/** A scope that is replaced: it keeps its name. */
export class ReplacedScope extends ScopeChanges {
  @ApiProperty({ required: true, type: () => ScopeDescription })
  override description: ScopeDescription;
}

/** A scope as it is read. */
export class Scope extends ScopeFields {
  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  updated_at: string;
}
