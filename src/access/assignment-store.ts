import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, statement, type Statement } from '../database/database.js';
import { jsonRows } from '../database/json-rows.js';
import type { AssignmentEntity } from './assignment.entity.js';

/** Writes many assignments in one statement. */
@Injectable()
export class AssignmentStore {
  private readonly insert: Statement;

  constructor(private readonly database: Database) {
    const columns = { id: 'text', subject_type: 'text', subject_id: 'text' } as const;
    this.insert = statement(
      'assignments_insert',
      `INSERT INTO assignments (id, client_id, subject_type, subject_id, include_descendants, role_id, enabled, ends_at,
         created_at, updated_at)
       SELECT id, $1, subject_type, subject_id, $3, $4, $5, $6, $7, $7
       FROM ${jsonRows(database.kind, '$2', columns)} AS put WHERE true
       ON CONFLICT (client_id, subject_type, subject_id, role_id) DO NOTHING`,
    );
  }

  /**
   * What is there already stays as it is.
   *
   * @param assignments alike in all but whom they are about
   * @param note of how many, in the transaction of that, where there are any
   * @returns how many were new
   */
  async insertAll(
    assignments: readonly AssignmentEntity[],
    note: (manager: EntityManager, added: number) => Promise<void>,
  ): Promise<number> {
    const [first] = assignments;
    if (first === undefined) return 0;
    const rows = assignments.map(({ id, subjectType, subjectId }) => ({
      id,
      subject_type: subjectType,
      subject_id: subjectId,
    }));
    return this.database.runWith(
      note,
      this.insert,
      first.clientId,
      JSON.stringify(rows),
      first.includeDescendants,
      first.roleId,
      first.enabled,
      first.endsAt?.getTime() ?? null,
      first.createdAt.getTime(),
    );
  }
}
