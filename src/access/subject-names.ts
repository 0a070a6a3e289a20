import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong } from '../database/json-rows.js';
import type { SubjectType } from './assignment.entity.js';

/** Who or what an assignment names. */
export interface Subject {
  readonly type: SubjectType;
  readonly id: string;
}

/** What people call the people, groups and departments that assignments name. */
@Injectable()
export class SubjectNames {
  private readonly find: Statement;

  constructor(private readonly database: Database) {
    const among = (column: string) => isAmong(database.kind, column, '$1', 'id');
    this.find = statement(
      'assignment_subject_names',
      `SELECT 'user' AS type, id, COALESCE(name, username) AS name FROM accounts WHERE ${among('id')}
       UNION ALL SELECT 'group', id, name FROM groups WHERE ${among('id')}
       UNION ALL SELECT 'department', id, name FROM departments WHERE ${among('id')} AND removed_at IS NULL`,
    );
  }

  /** @returns the name of each that there is, by {@link subjectKey} */
  async of(subjects: readonly Subject[]): Promise<Map<string, string>> {
    if (subjects.length === 0) return new Map();
    const asked = JSON.stringify(subjects.map(({ id }) => ({ id })));
    const rows = await this.database.all<Subject & { readonly name: string }>(this.find, asked);
    return new Map(rows.map((row) => [subjectKey(row), row.name]));
  }
}

export function subjectKey({ type, id }: Subject): string {
  return `${type} ${id}`;
}
