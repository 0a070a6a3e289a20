import type { DepartmentFields, StoredDepartment } from '../../directory/department-store.js';
import type { Difference, DifferenceKind, FieldChange } from './findings.js';
import type { StagedDepartment } from './staging.js';

/** What has to be done so that the departments are those of the organisation. */
export interface DepartmentComparison {
  readonly put: readonly DepartmentFields[];
  /** The directory's ids of those that are not there any more. */
  readonly gone: readonly string[];
  /** The directory's ids of those whose members could not be read: nothing is known about who is there. */
  readonly untold: ReadonlySet<string>;
  readonly differences: readonly Difference[];
}

/**
 * Compares what a run has fetched with what is kept. A department below one that could not be read is not gone: there
 * was nobody who could have named it.
 *
 * @param stored by the directory's ids
 */
export function compareDepartments(
  staged: readonly StagedDepartment[],
  stored: ReadonlyMap<string, StoredDepartment>,
): DepartmentComparison {
  const fetched = new Map(staged.map((department) => [String(department.id), department]));
  const present = [...stored.values()].filter(({ removed }) => !removed);
  const missing = present.filter(({ externalId }) => !fetched.has(externalId));
  const hidden = hiddenAmong(missing, present, fetched);
  const gone = missing.filter(({ externalId }) => !hidden.has(externalId));
  const untold = staged.filter(({ members }) => members !== 'read').map(({ id }) => String(id));
  const byId = new Map(present.map((department) => [department.id, department]));
  return {
    put: staged.map(fieldsOf),
    gone: gone.map(({ externalId }) => externalId),
    untold: new Set([...untold, ...hidden]),
    differences: [
      ...staged.flatMap((department) => differenceOf(department, stored.get(String(department.id)), byId, fetched)),
      ...gone.map(({ externalId, name }): Difference => ({
        kind: 'department_gone',
        key: externalId,
        name,
        changes: [],
      })),
    ],
  };
}

/** Those of the missing ones whose line leads to a department whose subtree could not be read, or to nothing certain. */
function hiddenAmong(
  missing: readonly StoredDepartment[],
  present: readonly StoredDepartment[],
  fetched: ReadonlyMap<string, StagedDepartment>,
): Set<string> {
  const byId = new Map(present.map((department) => [department.id, department]));
  const isAnyFailed = [...fetched.values()].some(({ subtree }) => subtree !== 'read');
  const isHidden = (department: StoredDepartment): boolean => {
    const passed = new Set<string>();
    for (let step: StoredDepartment | undefined = department; step !== undefined && !passed.has(step.id);) {
      const above = fetched.get(step.externalId);
      if (above !== undefined) return above.subtree !== 'read';
      passed.add(step.id);
      step = step.parentId === null ? undefined : byId.get(step.parentId);
    }
    return isAnyFailed;
  };
  return new Set(missing.filter(isHidden).map(({ externalId }) => externalId));
}

function fieldsOf({ id, parentId, name, order }: StagedDepartment): DepartmentFields {
  return { externalId: String(id), name, parent: parentId === undefined ? null : String(parentId), order };
}

function differenceOf(
  department: StagedDepartment,
  stored: StoredDepartment | undefined,
  byId: ReadonlyMap<string, StoredDepartment>,
  fetched: ReadonlyMap<string, StagedDepartment>,
): Difference[] {
  const { name, order } = department;
  const key = String(department.id);
  const parent = fetched.get(String(department.parentId));
  if (stored === undefined || stored.removed) {
    const changes = parent === undefined ? [] : [{ field: 'parent', before: null, after: parent.name }];
    return [{ kind: 'department_new', key, name, changes }];
  }
  const storedParent = stored.parentId === null ? undefined : byId.get(stored.parentId);
  const parentKey = department.parentId === undefined ? undefined : String(department.parentId);
  const isKnownParent = parentKey !== undefined && (parent !== undefined || storedParent?.externalId === parentKey);
  const found: Difference[] = [];
  const add = (kind: DifferenceKind, changes: readonly FieldChange[]) => found.push({ kind, key, name, changes });
  if ((isKnownParent ? parentKey : undefined) !== storedParent?.externalId) {
    add('department_moved', [{ field: 'parent', before: storedParent?.name ?? null, after: parent?.name ?? null }]);
  }
  const changes = [
    ...(stored.name === name ? [] : [{ field: 'name', before: stored.name, after: name }]),
    ...(order === undefined || stored.order === order
      ? []
      : [{ field: 'order', before: stored.order === null ? null : String(stored.order), after: String(order) }]),
  ];
  if (changes.length > 0) add('department_changed', changes);
  return found;
}
