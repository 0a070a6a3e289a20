import { Injectable } from '@nestjs/common';
import { Database, statement } from '../../database/database.js';

const IDENTITIES = statement('source_identities_delete', 'DELETE FROM federated_identities WHERE source_id = $1');

// First of all, so that what runs stops; and a dry run is not applied to another organisation's source of that id.
const RUNS = statement(
  'source_runs_end',
  `UPDATE directory_sync_runs SET state = 'cancelled', error = 'The identity source was deleted.', active_key = NULL,
     node = NULL, lease_until = NULL, next_attempt_at = NULL, finished_at = COALESCE(finished_at, $2), staged_until = $2,
     expires_at = $3
   WHERE source_id = $1 AND (active_key IS NOT NULL OR (kind = 'dry' AND state = 'done'))`,
);

/** Milliseconds that a run that was ended can be looked at. */
const RUNS_KEPT_MS = 90 * 86_400_000;

/** The directory as the source last told it, and the events that were for it. Runs of syncs are kept for their time. */
const DIRECTORY = [
  statement(
    'source_places_delete',
    'DELETE FROM department_members WHERE department_id IN (SELECT id FROM departments WHERE source_id = $1)',
  ),
  statement(
    'source_ancestors_delete',
    'DELETE FROM department_ancestors WHERE department_id IN (SELECT id FROM departments WHERE source_id = $1)',
  ),
  statement('source_departments_delete', 'DELETE FROM departments WHERE source_id = $1'),
  statement(
    'source_role_members_delete',
    'DELETE FROM directory_role_members WHERE role_id IN (SELECT id FROM directory_roles WHERE source_id = $1)',
  ),
  statement('source_roles_delete', 'DELETE FROM directory_roles WHERE source_id = $1'),
  statement('source_events_delete', 'DELETE FROM directory_events WHERE source_id = $1'),
  statement('source_channels_delete', 'DELETE FROM dingtalk_event_channels WHERE source_id = $1'),
];

/** What a source leaves behind in other rooms. People's accounts are their own and stay. */
@Injectable()
export class SourceLeftovers {
  constructor(private readonly database: Database) {}

  /**
   * Clears away what is there of a source that is not, or not any more. May be repeated: should it end half way, the
   * next source of that id begins with it.
   *
   * @returns how many identities there were
   */
  async clear(sourceId: string): Promise<number> {
    const now = Date.now();
    await this.database.run(RUNS, sourceId, now, now + RUNS_KEPT_MS);
    const identities = await this.database.run(IDENTITIES, sourceId);
    for (const leftover of DIRECTORY) await this.database.run(leftover, sourceId);
    return identities;
  }
}
