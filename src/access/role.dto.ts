import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AnswerField, FormField, RefusedField, TextField, TextListField } from '../admin/fields.js';
import { SortField, type ListOrder } from '../admin/list-order.js';
import { ListQuery } from '../admin/list-page.js';
import { LONGEST_PERMISSION, permissionFault } from './permission.js';
import type { RoleEntity } from './role.entity.js';

/** The most permissions that a role may have. */
export const MOST_PERMISSIONS = 500;

export const ROLE_ORDER: ListOrder<RoleEntity> = {
  key: 'id',
  columns: {
    name: { property: 'name', kind: 'text' },
    created_at: { property: 'createdAt', kind: 'time' },
    updated_at: { property: 'updatedAt', kind: 'time' },
  },
};

/** Of which app. */
export class RoleQuery extends ListQuery {
  @SortField(ROLE_ORDER)
  sort?: string;

  @ApiProperty({ type: String, required: false, description: 'Only those of this app.' })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,64}$/, { message: 'must be an id' })
  client_id?: string;
}

/** A role of an app. */
export class RoleFields {
  @TextField({
    description: 'What tokens call it, in `roles`. No other role of the app may have it.',
    example: 'approver',
    longest: 100,
    shortest: 1,
  })
  name?: string;

  @TextField({
    description: 'What it is for.',
    example: 'Approves expenses of up to 5,000',
    longest: 500,
    multiline: true,
    fallback: '',
  })
  description?: string;

  @TextListField(
    {
      description: 'What whoever has it may do: `resource:action`, with `*` for every resource or every action.',
      example: ['expenses:read', 'expenses:approve'],
      fallback: [],
      most: MOST_PERMISSIONS,
      longest: LONGEST_PERMISSION,
    },
    permissionFault,
  )
  permissions?: string[];

  @ApiHideProperty()
  @RefusedField('is made by Clinch; leave it out')
  id?: never;
}

/** A role that is made. */
export class NewRole extends RoleFields {
  @ApiProperty({ required: true })
  override name: string;

  @FormField({ description: 'The app that it is of; never changed.', example: 'expenses', longest: 64 }, (text) =>
    /^[\x21-\x7e]{1,64}$/.test(text) ? undefined : 'must be an id',
  )
  @ApiProperty({ required: true })
  client_id: string;
}

/** What may be changed of a role. */
export class RoleChanges extends RoleFields {
  @ApiHideProperty()
  @RefusedField('cannot be changed; make a role of the other app')
  client_id?: never;
}

/** A role as it is read. */
export class Role {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'expenses' })
  client_id: string;

  @AnswerField({ type: String, required: true, example: 'approver' })
  name: string;

  @AnswerField({ type: String, required: true, example: 'Approves expenses of up to 5,000' })
  description: string;

  @AnswerField({ type: [String], required: true, example: ['expenses:read', 'expenses:approve'] })
  permissions: string[];

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  updated_at: string;
}
