import { ApiProperty } from '@nestjs/swagger';
import { AnswerField, ChoiceField, FormField, NestedField, TextField, TextListField } from '../admin/fields.js';
import { AppChanges } from '../app-registry/app.dto.js';
import { isScopeText } from '../protocol/scope.js';

export const LAB_GRANTS = ['authorization_code', 'refresh_token', 'device'] as const;

const idFault = (text: string) => (/^[\x21-\x7e]{1,64}$/.test(text) ? undefined : 'must be an id');
const timeFault = (text: string) =>
  /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) ? undefined : 'must be a time of RFC 3339';

/** A sign-in to imagine, and how the app would be. */
export class ClaimLabRequest {
  @ApiProperty({ required: true })
  @FormField({ description: 'The id of the person.', example: 'mH3vAqYk0yq3n2mRcdQ1Zw', longest: 64 }, idFault)
  user: string;

  @FormField(
    { description: 'What the app asks for.', example: 'openid profile', fallback: 'openid', longest: 2_000 },
    (text) => (isScopeText(text) ? undefined : 'must be scope-tokens with single spaces between them'),
  )
  scope?: string;

  @TextField({ description: 'RFC 8707: the API that the access token is for.', longest: 2_000, fallback: null })
  resource?: string | null;

  @ChoiceField(LAB_GRANTS, { description: 'How the app comes by the tokens.', fallback: 'authorization_code' })
  grant?: (typeof LAB_GRANTS)[number];

  @TextListField({
    description: 'RFC 8176: how the person proved who they are.',
    example: ['pwd'],
    fallback: ['pwd'],
    most: 10,
    longest: 40,
  })
  amr?: string[];

  @FormField(
    {
      description: 'When the person signed in; now, if it is left out.',
      fallback: null,
      longest: 40,
      format: 'date-time',
    },
    timeFault,
  )
  auth_time?: string | null;

  @FormField(
    {
      description: 'Of several names that the person has in the app, the id of the one to choose.',
      fallback: null,
      longest: 64,
    },
    idFault,
  )
  app_account?: string | null;

  @NestedField(AppChanges, {
    description: 'Fields of the app as they would be. They are judged as a save would judge them, and not saved.',
    fallback: null,
  })
  draft?: AppChanges | null;
}

const ANY_VALUE = { description: 'Any JSON.', required: true, nullable: true } as const;
const CLAIMS = { type: 'object', additionalProperties: true } as const;

class LabToken {
  @AnswerField({ ...CLAIMS, description: 'But for those that come with the signature: `when_issued` names them.' })
  claims: Record<string, unknown>;
}

class LabClaim {
  @AnswerField({ type: String, example: 'department' })
  name: string;

  @AnswerField({ type: String, enum: ['id_token', 'access_token', 'userinfo'] })
  in: string;

  @AnswerField({ type: String, description: 'What made it.', example: 'extended claim 1' })
  source: string;

  @AnswerField({ type: String, nullable: true, description: 'The expression that made it.' })
  rule: string | null;

  @AnswerField(ANY_VALUE)
  value: unknown;
}

class LabRefusedClaim {
  @AnswerField({ type: String, example: 'phone_number' })
  name: string;

  @AnswerField({ type: String, enum: ['id_token', 'access_token', 'userinfo'] })
  in: string;

  @AnswerField({ type: String, description: 'What would have made it.', example: 'scope phone' })
  source: string;

  @AnswerField({ type: String, nullable: true })
  rule: string | null;

  @AnswerField({ type: String, example: 'there is no value' })
  why: string;
}

class LabLaterClaim {
  @AnswerField({ type: String, example: 'iat' })
  name: string;

  @AnswerField({ type: String, enum: ['id_token', 'access_token'] })
  in: string;

  @AnswerField({ type: String, example: 'the time of the issue, in seconds' })
  what: string;
}

class LabSize {
  @AnswerField({ type: Number, nullable: true, description: 'Bytes of the signed token, about.' })
  id_token: number | null;

  @AnswerField({ type: Number, nullable: true, description: 'Bytes of the signed token, about.' })
  access_token: number | null;
}

/** What an app would be told of a person. */
export class LabResult {
  @AnswerField({
    type: Boolean,
    description: 'Whether anything would be issued. The rest is as it would be otherwise.',
  })
  issued: boolean;

  @AnswerField({ type: String, nullable: true, description: 'Why not, as the app would be told.' })
  refusal: string | null;

  @AnswerField({ type: String, description: 'Of the access token.', example: 'openid profile' })
  scope: string;

  @AnswerField({ type: () => LabToken, nullable: true })
  access_token: LabToken | null;

  @AnswerField({ type: () => LabToken, nullable: true })
  id_token: LabToken | null;

  @AnswerField({ ...CLAIMS, nullable: true, description: 'What userinfo would answer to that access token.' })
  userinfo: Record<string, unknown> | null;

  @AnswerField({ type: () => LabLaterClaim, isArray: true })
  when_issued: LabLaterClaim[];

  @AnswerField({ type: () => LabClaim, isArray: true })
  claims: LabClaim[];

  @AnswerField({ type: () => LabRefusedClaim, isArray: true })
  refused: LabRefusedClaim[];

  @AnswerField({ type: () => LabSize })
  size: LabSize;

  @AnswerField({ type: String, isArray: true })
  warnings: string[];
}

class LabValue {
  @AnswerField({ type: String })
  name: string;

  @AnswerField({ type: String, enum: ['id_token', 'access_token', 'userinfo'] })
  in: string;

  @AnswerField(ANY_VALUE)
  value: unknown;
}

class LabChange {
  @AnswerField({ type: String })
  name: string;

  @AnswerField({ type: String, enum: ['id_token', 'access_token', 'userinfo'] })
  in: string;

  @AnswerField(ANY_VALUE)
  before: unknown;

  @AnswerField(ANY_VALUE)
  after: unknown;
}

/** What the draft would change. */
export class LabDifference {
  @AnswerField({ type: () => LabValue, isArray: true })
  added: LabValue[];

  @AnswerField({ type: () => LabValue, isArray: true })
  removed: LabValue[];

  @AnswerField({ type: () => LabChange, isArray: true })
  changed: LabChange[];
}

/** What would be issued now, and with the draft. */
export class ClaimLabAnswer extends LabResult {
  @AnswerField({ type: () => LabResult, nullable: true, description: 'The same with the draft.' })
  draft: LabResult | null;

  @AnswerField({ type: () => LabDifference, nullable: true })
  difference: LabDifference | null;
}
