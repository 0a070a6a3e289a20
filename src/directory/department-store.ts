import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { isAmong, jsonRows, partsOf } from '../database/json-rows.js';

/** A department as a directory describes it. What is undefined stays as it was. */
export interface DepartmentFields {
  readonly externalId: string;
  readonly name: string;
  /** The directory's id of the parent; null for a root. A parent that is not known counts as none. */
  readonly parent: string | null;
  readonly order?: number | undefined;
}

/** A department as it is kept. */
export interface StoredDepartment {
  readonly id: string;
  readonly externalId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: number | null;
  /** Ids of accounts. */
  readonly managers: readonly string[];
  readonly removed: boolean;
}

interface DepartmentRow {
  id: string;
  external_id: string;
  parent_id: string | null;
  name: string;
  sort_order: number | null;
  managers: string;
  removed_at: number | null;
}

interface AncestorRow {
  readonly department_id: string;
  readonly ancestor_id: string;
  readonly depth: number;
}

const OF_SOURCE = statement(
  'departments_of_source',
  'SELECT id, external_id, parent_id, name, sort_order, managers, removed_at FROM departments WHERE source_id = $1',
);
const ANCESTORS = statement(
  'department_ancestors_of_source',
  `SELECT a.department_id, a.ancestor_id, a.depth FROM department_ancestors a
   JOIN departments d ON d.id = a.department_id WHERE d.source_id = $1`,
);

/** Deeper trees exist in no organisation; a ring would have no end. */
const DEEPEST = 64;

/** The tree of departments of a directory. Writes only what differs. */
@Injectable()
export class DepartmentStore {
  private readonly byExternalIds: Statement;
  private readonly insert: Statement;
  private readonly update: Statement;
  private readonly remove: Statement;
  private readonly removeMembers: Statement;
  private readonly manage: Statement;
  private readonly putAncestors: Statement;
  private readonly dropAncestors: Statement;

  constructor(private readonly database: Database) {
    const rows = (columns: Parameters<typeof jsonRows>[2], placeholder = '$2') =>
      jsonRows(database.kind, placeholder, columns);
    const pair = { department_id: 'text', ancestor_id: 'text' } as const;
    this.byExternalIds = statement(
      'departments_by_external_ids',
      `SELECT id, external_id, parent_id, name, sort_order, managers, removed_at FROM departments
       WHERE source_id = $1 AND ${isAmong(database.kind, 'external_id', '$2', 'external_id')}`,
    );
    this.insert = statement(
      'departments_insert',
      `INSERT INTO departments (id, source_id, external_id, parent_id, name, sort_order, managers, removed_at, created_at,
         updated_at)
       SELECT id, $1, external_id, NULL, name, NULL, '[]', NULL, $3, $3
       FROM ${rows({ id: 'text', external_id: 'text', name: 'text' })} AS put WHERE true
       ON CONFLICT (source_id, external_id) DO NOTHING`,
    );
    this.update = statement(
      'departments_update',
      `UPDATE departments SET parent_id = put.parent_id, name = put.name, sort_order = put.sort_order, removed_at = NULL,
         updated_at = $2
       FROM ${rows({ id: 'text', parent_id: 'text', name: 'text', sort_order: 'bigint' }, '$1')} AS put
       WHERE departments.id = put.id`,
    );
    this.remove = statement(
      'departments_remove',
      `UPDATE departments SET removed_at = $3, managers = '[]', updated_at = $3
       WHERE source_id = $1 AND removed_at IS NULL
         AND ${isAmong(database.kind, 'external_id', '$2', 'external_id')}`,
    );
    this.removeMembers = statement(
      'departments_remove_members',
      `DELETE FROM department_members WHERE department_id IN (SELECT id FROM departments WHERE source_id = $1
         AND ${isAmong(database.kind, 'external_id', '$2', 'external_id')})`,
    );
    this.manage = statement(
      'departments_manage',
      `UPDATE departments SET managers = put.managers, updated_at = $2
       FROM ${rows({ id: 'text', managers: 'text' }, '$1')} AS put WHERE departments.id = put.id`,
    );
    this.putAncestors = statement(
      'department_ancestors_put',
      `INSERT INTO department_ancestors (department_id, ancestor_id, depth)
       SELECT department_id, ancestor_id, depth FROM ${rows({ ...pair, depth: 'bigint' }, '$1')} AS put WHERE true
       ON CONFLICT (department_id, ancestor_id) DO UPDATE SET depth = excluded.depth`,
    );
    this.dropAncestors = statement(
      'department_ancestors_drop',
      `DELETE FROM department_ancestors
       WHERE (department_id, ancestor_id) IN (SELECT department_id, ancestor_id FROM ${rows(pair, '$1')} AS gone)`,
    );
  }

  /** All of a source by the directory's ids, those that were removed too. */
  async ofSource(sourceId: string): Promise<Map<string, StoredDepartment>> {
    const rows = await this.database.all<DepartmentRow>(OF_SOURCE, sourceId);
    return new Map(rows.map((row) => [row.external_id, departmentOf(row)]));
  }

  /** Those of them that there are, by the directory's ids; those that were removed too. */
  async find(sourceId: string, externalIds: readonly string[]): Promise<Map<string, StoredDepartment>> {
    const asked = JSON.stringify(externalIds.map((id) => ({ external_id: id })));
    const rows = await this.database.all<DepartmentRow>(this.byExternalIds, sourceId, asked);
    return new Map(rows.map((row) => [row.external_id, departmentOf(row)]));
  }

  /** @returns how many are new or changed */
  async put(sourceId: string, departments: readonly DepartmentFields[]): Promise<number> {
    let known = await this.ofSource(sourceId);
    const fresh = departments.filter(({ externalId }) => !known.has(externalId));
    for (const part of partsOf(fresh)) {
      const rows = part.map(({ externalId, name }) => ({ id: newIdentifier(), external_id: externalId, name }));
      await this.database.run(this.insert, sourceId, JSON.stringify(rows), Date.now());
    }
    if (fresh.length > 0) known = await this.ofSource(sourceId);
    const changed = departments.flatMap((fields) => {
      const stored = known.get(fields.externalId);
      if (stored === undefined) return [];
      const wanted = {
        id: stored.id,
        parent_id: fields.parent === null ? null : (known.get(fields.parent)?.id ?? null),
        name: fields.name,
        sort_order: fields.order ?? stored.order,
      };
      return isSame(stored, wanted) ? [] : [wanted];
    });
    for (const part of partsOf(changed)) await this.database.run(this.update, JSON.stringify(part), Date.now());
    if (fresh.length > 0 || changed.length > 0) await this.rebuildAncestors(sourceId);
    return new Set([...fresh.map(({ externalId }) => known.get(externalId)?.id), ...changed.map(({ id }) => id)]).size;
  }

  /** Their people keep their other places. @returns how many there were */
  async removeAll(sourceId: string, externalIds: readonly string[]): Promise<number> {
    let removed = 0;
    for (const part of partsOf(externalIds)) {
      const gone = JSON.stringify(part.map((id) => ({ external_id: id })));
      removed += await this.database.run(this.remove, sourceId, gone, Date.now());
      await this.database.run(this.removeMembers, sourceId, gone);
    }
    if (removed > 0) await this.rebuildAncestors(sourceId);
    return removed;
  }

  /**
   * @param managers ids of accounts, by our ids of the departments
   * @returns how many departments have others than before
   */
  async putManagers(sourceId: string, managers: ReadonlyMap<string, readonly string[]>): Promise<number> {
    const changed = [...(await this.ofSource(sourceId)).values()].flatMap(({ id, managers: stored }) => {
      const wanted = JSON.stringify(managers.get(id) ?? stored);
      return wanted === JSON.stringify(stored) ? [] : [{ id, managers: wanted }];
    });
    for (const part of partsOf(changed)) await this.database.run(this.manage, JSON.stringify(part), Date.now());
    return changed.length;
  }

  /** From what the departments say now. Two that do it at once come to the same. */
  private async rebuildAncestors(sourceId: string): Promise<void> {
    const departments = [...(await this.ofSource(sourceId)).values()].filter(({ removed }) => !removed);
    const wanted = ancestorsOf(departments);
    const stored = new Map(
      (await this.database.all<AncestorRow>(ANCESTORS, sourceId)).map((row) => [keyOf(row), row] as const),
    );
    const put = [...wanted].flatMap(([key, row]) => (stored.get(key)?.depth === row.depth ? [] : [row]));
    const gone = [...stored].flatMap(([key, row]) => (wanted.has(key) ? [] : [row]));
    for (const part of partsOf(gone)) await this.database.run(this.dropAncestors, JSON.stringify(part));
    for (const part of partsOf(put)) await this.database.run(this.putAncestors, JSON.stringify(part));
  }
}

function departmentOf(row: DepartmentRow): StoredDepartment {
  return {
    id: row.id,
    externalId: row.external_id,
    parentId: row.parent_id,
    name: row.name,
    order: row.sort_order,
    managers: JSON.parse(row.managers) as string[],
    removed: row.removed_at !== null,
  };
}

function isSame(
  stored: StoredDepartment,
  wanted: { readonly parent_id: string | null; readonly name: string; readonly sort_order: number | null },
): boolean {
  return (
    !stored.removed &&
    stored.parentId === wanted.parent_id &&
    stored.name === wanted.name &&
    stored.order === wanted.sort_order
  );
}

function keyOf({ department_id, ancestor_id }: AncestorRow): string {
  return `${department_id} ${ancestor_id}`;
}

function ancestorsOf(departments: readonly StoredDepartment[]): Map<string, AncestorRow> {
  const byId = new Map(departments.map((department) => [department.id, department]));
  const rows = new Map<string, AncestorRow>();
  for (const { id } of departments) {
    let ancestor = byId.get(id);
    for (let depth = 0; ancestor !== undefined && depth < DEEPEST; depth++) {
      const row = { department_id: id, ancestor_id: ancestor.id, depth };
      // A ring in bad data: the nearest way counts.
      if (rows.has(keyOf(row))) break;
      rows.set(keyOf(row), row);
      ancestor = ancestor.parentId === null ? undefined : byId.get(ancestor.parentId);
    }
  }
  return rows;
}
