import { Injectable } from '@nestjs/common';
import { RoleStore, type StoredRole } from '../../directory/role-store.js';
import { Findings, type Difference } from './findings.js';
import { KnownPeople } from './known-people.js';
import type { RunContext } from './run-context.js';
import { Staging, type StagedRole } from './staging.js';

/** Roles as a run has fetched them. A role whose members could not be read keeps those that it has. */
@Injectable()
export class RoleSync {
  constructor(
    private readonly staging: Staging,
    private readonly store: RoleStore,
    private readonly known: KnownPeople,
    private readonly findings: Findings,
  ) {}

  /** Writes down how roles and who has them differ. */
  async inspect(context: RunContext): Promise<void> {
    const { run, source, progress } = context;
    if (!progress.roles_listed) return;
    const staged = await this.staging.roles(run.id);
    const stored = await this.store.ofSource(source.id);
    const found = [
      ...staged.flatMap((role) => roleDifference(role, stored.get(String(role.id)))),
      ...goneOf(staged, stored).map(({ externalId, name }) => ({
        kind: 'role_gone' as const,
        key: externalId,
        name,
        changes: [],
      })),
    ];
    for (const role of staged) {
      const own = stored.get(String(role.id));
      if (role.members === undefined || own === undefined || own.removed) continue;
      found.push(...memberDifference(role, await this.store.membersOf(own.id), await this.accountsOf(context, role)));
    }
    progress.differences += await this.findings.differ(run.id, found);
  }

  async apply(context: RunContext): Promise<void> {
    const { run, source, progress } = context;
    if (!progress.roles_listed) return;
    const staged = await this.staging.roles(run.id);
    await this.store.put(
      source.id,
      staged.map(({ id, name, groupName }) => ({ externalId: String(id), name, groupName })),
    );
    const stored = await this.store.ofSource(source.id);
    for (const role of staged) {
      const own = stored.get(String(role.id));
      if (role.members === undefined || own === undefined) continue;
      await this.store.putMembers(own.id, await this.accountsOf(context, role));
    }
    await this.store.removeAll(goneOf(staged, stored).map(({ id }) => id));
  }

  private async accountsOf({ source }: RunContext, { members = [] }: StagedRole): Promise<Set<string>> {
    return new Set((await this.known.accountsOf(source, members)).values());
  }
}

function goneOf(staged: readonly StagedRole[], stored: ReadonlyMap<string, StoredRole>): StoredRole[] {
  const listed = new Set(staged.map(({ id }) => String(id)));
  return [...stored.values()].filter(({ externalId, removed }) => !removed && !listed.has(externalId));
}

function roleDifference({ id, name, groupName }: StagedRole, stored: StoredRole | undefined): Difference[] {
  const key = String(id);
  if (stored === undefined || stored.removed) return [{ kind: 'role_new', key, name, changes: [] }];
  const changes = [
    ...(stored.name === name ? [] : [{ field: 'name', before: stored.name, after: name }]),
    ...(stored.groupName === groupName ? [] : [{ field: 'group_name', before: stored.groupName, after: groupName }]),
  ];
  return changes.length === 0 ? [] : [{ kind: 'role_changed', key, name, changes }];
}

function memberDifference(
  { id, name }: StagedRole,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): Difference[] {
  const added = [...after].filter((account) => !before.has(account)).length;
  const removed = [...before].filter((account) => !after.has(account)).length;
  if (added + removed === 0) return [];
  const changes = [{ field: 'members', before: String(before.size), after: String(after.size) }];
  return [{ kind: 'role_members_changed', key: String(id), name, changes }];
}
