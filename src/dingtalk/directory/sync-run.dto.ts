import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { AnswerField, SwitchField } from '../../admin/fields.js';
import { ListQuery } from '../../admin/list-page.js';
import { DIFFERENCE_KINDS } from './findings.js';

/** What kind of sync. */
export class NewSyncRun {
  @SwitchField({
    description: 'Only find the differences, and write nothing. Such a run can be applied within the hour.',
    fallback: false,
  })
  dry_run?: boolean;
}

/** Which differences. */
export class DifferenceQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, enum: [...DIFFERENCE_KINDS], description: 'Only those of this kind.' })
  @IsOptional()
  @IsIn([...DIFFERENCE_KINDS], { message: `must be one of: ${DIFFERENCE_KINDS.join(', ')}` })
  kind?: string;
}

const count = (description: string) => AnswerField({ type: 'integer', required: true, description });

/** How far a run is. */
export class SyncProgress {
  @count('Departments that were found so far.')
  departments_known: number;

  @count('Of them, those whose people were read.')
  departments_read: number;

  @count('People; while they are read, somebody in two departments counts twice.')
  people_read: number;

  @count('Roles whose members were read.')
  roles_read: number;

  @count('What was found to differ.')
  differences: number;

  @count('People who were here and in the organisation when the run compared.')
  people_present: number;

  @count('Of them, those who would be disabled. Each is asked for at DingTalk before.')
  people_gone: number;

  @count('People for whom something was written.')
  people_applied: number;

  @count('People who were disabled.')
  people_disabled: number;

  @count('People who were read one by one.')
  details_read: number;

  @count('What could not be read or applied.')
  errors: number;
}

/** A sync of an organisation's directory. */
export class SyncRunAnswer {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'acme' })
  source: string;

  @AnswerField({ type: String, required: true, enum: ['full', 'dry'] })
  kind: string;

  @AnswerField({
    type: String,
    required: true,
    enum: [
      'queued',
      'fetching',
      'comparing',
      'waiting_for_approval',
      'applying',
      'details',
      'done',
      'failed',
      'cancelled',
    ],
  })
  state: string;

  @AnswerField({ type: String, required: true, example: 'schedule', description: 'Who or what asked for it.' })
  requested_by: string;

  @AnswerField({ type: () => SyncProgress, required: true })
  progress: SyncProgress;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    description: 'Why it failed, waits for an approval, or has to wait; in words that can be acted on.',
  })
  error: string | null;

  @AnswerField({ type: String, required: true, nullable: true, format: 'date-time', description: 'When it goes on.' })
  next_attempt_at: string | null;

  @AnswerField({ type: String, required: true, format: 'date-time' })
  created_at: string;

  @AnswerField({ type: String, required: true, nullable: true, format: 'date-time' })
  started_at: string | null;

  @AnswerField({ type: String, required: true, nullable: true, format: 'date-time' })
  finished_at: string | null;
}

export class SyncFieldChange {
  @AnswerField({ type: String, required: true, example: 'title' })
  field: string;

  @AnswerField({ type: String, required: true, nullable: true, example: 'Engineer' })
  before: string | null;

  @AnswerField({ type: String, required: true, nullable: true, example: 'Architect' })
  after: string | null;
}

/** One thing that is not here as it is in the organisation's directory. */
export class SyncDifference {
  @AnswerField({ type: String, required: true, enum: [...DIFFERENCE_KINDS] })
  kind: string;

  @AnswerField({ type: String, required: true, example: 'manager4220', description: "The directory's id of it." })
  key: string;

  @AnswerField({ type: String, required: true, example: 'Li Hua' })
  name: string;

  @AnswerField({ type: () => [SyncFieldChange], required: true, description: 'Phone numbers by their last digits.' })
  changes: SyncFieldChange[];
}

/** What a run could not read or apply; the rest of it went on. */
export class SyncErrorAnswer {
  @AnswerField({ type: String, required: true, enum: ['department', 'person', 'role'] })
  kind: string;

  @AnswerField({ type: String, required: true, example: '100', description: "The directory's id of it." })
  key: string;

  @AnswerField({ type: String, required: true })
  message: string;

  @AnswerField({ type: String, required: true, format: 'date-time' })
  created_at: string;
}
