import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { AnswerField, ChoiceField, FormField, RefusedField } from '../admin/fields.js';
import { AppMetadata } from './app-metadata.dto.js';
import { LIFETIME_PRESETS, type LifetimePreset } from './lifetimes.js';

/** What a request may say of an app. */
export class AppChanges extends AppMetadata {
  @FormField(
    {
      description: 'Of your choice for a new app, or made by Clinch; never changed afterwards.',
      example: 'expenses',
      longest: 64,
    },
    () => undefined,
  )
  client_id?: string;

  @ChoiceField(LIFETIME_PRESETS, {
    description:
      'Sets the lifetimes of access, id and refresh tokens together, and is not kept: `idaas` (2 h, 10 h, 30 d) or ' +
      '`short` (10 min, 10 min, 30 d, and 8 h of disuse). A lifetime that is sent beside it wins.',
    writeOnly: true,
  })
  lifetime_preset?: LifetimePreset;

  @ApiHideProperty()
  @RefusedField('is made by Clinch and shown once: POST …/{client_id}/secrets makes another')
  client_secret?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  created_at?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  updated_at?: never;
}

/** An app that is made or replaced: what is left out is as it is by default. */
export class NewApp extends AppChanges {
  @ApiProperty({ required: true })
  override client_name: string;
}

/** An app as it is read. */
export class App extends AppMetadata {
  @AnswerField({ type: String, required: true, example: 'expenses' })
  client_id: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  updated_at: string;
}

/** How many people a change lets in, and how many it keeps out. */
export class AccessChange {
  @AnswerField({ type: Number, required: true, example: 12, description: 'May enter now, and could not before.' })
  gained: number;

  @AnswerField({ type: Number, required: true, example: 1200, description: 'Could enter before, and may not now.' })
  lost: number;

  @AnswerField({
    type: Boolean,
    required: true,
    description: 'Whether everybody was counted: time is limited. A preview has more of it.',
  })
  complete: boolean;
}

/** An app as it is answered when it was made or changed. */
export class AppWithSecret extends App {
  @AnswerField({
    type: String,
    required: false,
    example: 'clinch_cs_…',
    description: 'Shown this once, and only to apps that authenticate by a secret.',
  })
  client_secret?: string;

  @AnswerField({
    type: () => AccessChange,
    required: false,
    description:
      'Where `access` or `access_rule` was changed, for those who may read people. Of a rule that looks at the request ' +
      'there is none: who may enter is said by each request.',
  })
  access_change?: AccessChange;
}
