import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';

const ID = { pattern: '^[\\x21-\\x7e]{1,64}$', message: 'must be an id' } as const;

/** Whose consents, and to what. */
export class ConsentQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, description: 'Only those of this person.' })
  @IsOptional()
  @Matches(new RegExp(ID.pattern), { message: ID.message })
  user_id?: string;

  @ApiProperty({ type: String, required: false, description: 'Only those to this app.' })
  @IsOptional()
  @Matches(new RegExp(ID.pattern), { message: ID.message })
  client_id?: string;
}

/** What a person agreed that an app may have. */
export class Consent {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw.expenses' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  user_id: string;

  @AnswerField({ type: String, required: true, example: 'expenses' })
  client_id: string;

  @AnswerField({ type: String, required: true, example: 'openid profile', description: 'All that was agreed to.' })
  scope: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  granted_at: string;
}
