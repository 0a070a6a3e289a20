/** `full` is applied; `dry` ends with the differences, and can be applied within the hour, which makes it a full one. */
export type RunKind = 'full' | 'dry';

export type RunState =
  | 'queued'
  | 'fetching'
  | 'comparing'
  | 'waiting_for_approval'
  | 'applying'
  | 'details'
  | 'done'
  | 'failed'
  | 'cancelled';

/** How far a run is. */
export interface RunProgress {
  readonly departments_known: number;
  readonly departments_read: number;
  /** Rows of departments' lists while they are fetched, people afterwards. */
  readonly people_read: number;
  readonly roles_read: number;
  /** Whether the list of roles itself could be read: only then is a role that is not on it gone. */
  readonly roles_listed: boolean;
  readonly differences: number;
  /** Who is here and in the organisation, as far as was known when the run compared. */
  readonly people_present: number;
  /** Of them, people who would be disabled. */
  readonly people_gone: number;
  /** People for whom something was written. */
  readonly people_applied: number;
  readonly people_disabled: number;
  readonly details_read: number;
  readonly errors: number;
}

export const NO_PROGRESS: RunProgress = {
  departments_known: 0,
  departments_read: 0,
  people_read: 0,
  roles_read: 0,
  roles_listed: false,
  differences: 0,
  people_present: 0,
  people_gone: 0,
  people_applied: 0,
  people_disabled: 0,
  details_read: 0,
  errors: 0,
};

/** A run as it is kept. */
export interface SyncRun {
  readonly id: string;
  readonly sourceId: string;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly requestedBy: string;
  readonly approved: boolean;
  readonly sourceVersion: number;
  readonly appliedTo: string;
  readonly progress: RunProgress;
  readonly error: string | null;
  readonly attempts: number;
  readonly failingSince: Date | undefined;
  readonly nextAttemptAt: Date | undefined;
  readonly createdAt: Date;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
}

/** What started a run without anybody asking for it. */
export const BY_SCHEDULE = 'schedule';
