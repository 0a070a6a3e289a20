import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';

/** Which roles. */
export class DirectoryRoleQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, description: 'Only those of this identity source.' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, { message: 'must be an id' })
  source?: string;
}

/** A role of an organisation's directory. */
export class DirectoryRole {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'acme', description: 'The identity source that it is of.' })
  source: string;

  @AnswerField({ type: String, required: true, example: '1507113578', description: "The directory's own id of it." })
  external_id: string;

  @AnswerField({ type: String, required: true, example: '财务' })
  name: string;

  @AnswerField({
    type: String,
    required: true,
    example: '职务',
    description: 'What the directory has it under; empty when nobody said.',
  })
  group: string;
}
