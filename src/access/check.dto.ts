import { ApiProperty } from '@nestjs/swagger';
import { AnswerField, FormField, TextListField } from '../admin/fields.js';
import { LONGEST_PERMISSION, permissionFault } from './permission.js';
import { MOST_PERMISSIONS } from './role.dto.js';

const PART = /^[A-Za-z0-9._-]+$|^\*$/;
const partFault = (text: string) => (PART.test(text) ? undefined : 'must be a name such as reports, or *');

/** What an app asks about a person. */
export class AccessQuestion {
  @FormField(
    {
      description:
        'The id of the person, or the `sub` that the app which asks about itself knows them by. Of whom there is none, nothing ' +
        'is allowed.',
      example: 'mH3vAqYk0yq3n2mRcdQ1Zw',
      longest: 255,
    },
    (text) => (text === '' ? 'may not be empty' : undefined),
  )
  @ApiProperty({ required: true })
  user: string;

  @FormField({ description: 'With `action`: one permission.', example: 'expenses', longest: 63 }, partFault)
  resource?: string;

  @FormField({ description: 'With `resource`.', example: 'approve', longest: 63 }, partFault)
  action?: string;

  @TextListField(
    {
      description: 'Several permissions, in place of `resource` and `action`.',
      example: ['expenses:read', 'expenses:approve'],
      most: MOST_PERMISSIONS,
      longest: LONGEST_PERMISSION,
    },
    permissionFault,
  )
  permissions?: string[];

  @FormField(
    {
      description:
        'The app whose roles count: whoever asks, if it is left out. For another app `clinch:apps:read` is needed too.',
      example: 'expenses',
      longest: 64,
    },
    (text) => (/^[\x21-\x7e]{1,64}$/.test(text) ? undefined : 'must be an id'),
  )
  client_id?: string;
}

export class CheckedPermission {
  @AnswerField({ type: String, required: true, example: 'expenses:approve' })
  permission: string;

  @AnswerField({ type: Boolean, required: true })
  allowed: boolean;

  @AnswerField({ type: [String], required: true, example: ['approver'], description: 'The roles that it comes from.' })
  roles: string[];
}

/** What a person may do. */
export class AccessAnswer {
  @AnswerField({ type: Boolean, required: true, description: 'Of several: whether all of them are allowed.' })
  allowed: boolean;

  @AnswerField({ type: String, required: false, example: 'expenses:approve', description: 'Where one was asked for.' })
  permission?: string;

  @AnswerField({ type: [String], required: true, example: ['approver'], description: 'The roles that it comes from.' })
  roles: string[];

  @AnswerField({ type: () => [CheckedPermission], required: false, description: 'Where several were asked for.' })
  permissions?: CheckedPermission[];
}
