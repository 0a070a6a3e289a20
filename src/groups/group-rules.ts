import type { FieldProblem } from '../admin/problem.js';
import type { GroupChanges } from './group.dto.js';
import type { GroupEntity } from './group.entity.js';

const LONGEST_KEY = 200;

/** Whether a department, or a role of a directory, is there. */
export interface GroupRuleContext {
  readonly isDepartment: (id: string) => Promise<boolean>;
  readonly isDirectoryRole: (id: string) => Promise<boolean>;
}

/**
 * The rules about a group as a whole. They judge what it would be; only what it comes from is looked up when it is new:
 * a department may be gone since.
 *
 * @param old as it was, undefined for a new one
 * @returns everything that is wrong, under the wire names
 */
export async function groupProblems(
  group: GroupEntity,
  old: GroupEntity | undefined,
  sent: GroupChanges,
  context: GroupRuleContext,
): Promise<FieldProblem[]> {
  return [
    ...nameProblems(group),
    ...(old !== undefined && sent.kind !== undefined && sent.kind !== old.kind
      ? [{ field: 'kind', problem: 'cannot be changed; make another group' }]
      : []),
    ...(sent.include_descendants === true && group.kind !== 'department'
      ? [{ field: 'include_descendants', problem: 'is for groups of the kind department' }]
      : []),
    ...(await originProblems('department', group, old?.departmentId ?? null, context.isDepartment)),
    ...(await originProblems('directory_role', group, old?.directoryRoleId ?? null, context.isDirectoryRole)),
  ];
}

function nameProblems({ nameKey: key }: GroupEntity): FieldProblem[] {
  if (key === '') return [{ field: 'name', problem: 'is required: people read it' }];
  // Compatibility forms can be many characters for one.
  return key.length > LONGEST_KEY ? [{ field: 'name', problem: `may have at most ${LONGEST_KEY} characters` }] : [];
}

async function originProblems(
  kind: 'department' | 'directory_role',
  group: GroupEntity,
  old: string | null,
  isThere: (id: string) => Promise<boolean>,
): Promise<FieldProblem[]> {
  const field = `${kind}_id`;
  const id = kind === 'department' ? group.departmentId : group.directoryRoleId;
  if (group.kind !== kind) return id === null ? [] : [{ field, problem: `is for groups of the kind ${kind}` }];
  if (id === null) return [{ field, problem: `is required for a group of the kind ${kind}` }];
  if (id === old || (await isThere(id))) return [];
  return [{ field, problem: kind === 'department' ? 'is no department' : 'is no role of a directory' }];
}
