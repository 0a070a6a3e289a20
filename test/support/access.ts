import { GroupEntity, GroupMemberEntity, type GroupKind } from '../../src/groups/group.entity.js';
import { DepartmentStore } from '../../src/directory/department-store.js';
import { MembershipStore } from '../../src/directory/membership-store.js';
import { RoleStore } from '../../src/directory/role-store.js';
import { newIdentifier } from '../../src/protocol/opaque-token.js';
import { DataSource } from 'typeorm';
import type { TestClinch } from './start-clinch.js';

/** Acme (1) → Sales (10) → Sales East (100) → Sales Shanghai (1000), Research (20). */
const TREE = [
  { externalId: '1', name: 'Acme', parent: null },
  { externalId: '10', name: 'Sales', parent: '1' },
  { externalId: '100', name: 'Sales East', parent: '10' },
  { externalId: '1000', name: 'Sales Shanghai', parent: '100' },
  { externalId: '20', name: 'Research', parent: '1' },
];

/** A directory of departments of which tests say who is where. */
export class Organisation {
  private constructor(
    private readonly clinch: Pick<TestClinch, 'app'>,
    private readonly source: string,
    /** Our ids by the name of the department. */
    readonly departments: ReadonlyMap<string, string>,
  ) {}

  static async of(clinch: Pick<TestClinch, 'app'>): Promise<Organisation> {
    const source = `source-${newIdentifier().slice(0, 8)}`;
    const store = clinch.app.get(DepartmentStore);
    await store.put(source, TREE);
    const stored = [...(await store.ofSource(source)).values()];
    return new Organisation(clinch, source, new Map(stored.map(({ id, name }) => [name, id])));
  }

  id(department: string): string {
    const id = this.departments.get(department);
    if (id === undefined) throw new Error(`there is no department ${department}`);
    return id;
  }

  /** The person is in these departments from now on, and in no others. */
  async put(person: { readonly id: string }, ...departments: string[]): Promise<void> {
    const places = departments.map((name) => ({ departmentId: this.id(name) }));
    await this.clinch.app.get(MembershipStore).put(this.source, new Map([[person.id, places]]));
  }

  async remove(department: string): Promise<void> {
    const found = TREE.find(({ name }) => name === department);
    await this.clinch.app.get(DepartmentStore).removeAll(this.source, [found?.externalId ?? '']);
  }

  /** A role of the directory, and who has it. @returns our id of it */
  async role(name: string, ...people: { readonly id: string }[]): Promise<string> {
    const roles = this.clinch.app.get(RoleStore);
    await roles.put(this.source, [{ externalId: name, name, groupName: 'Labels' }]);
    const id = (await roles.ofSource(this.source)).get(name)?.id ?? '';
    await roles.putMembers(id, new Set(people.map((person) => person.id)));
    return id;
  }
}

/** A group of people. @returns its id */
export async function aGroup(
  { app }: Pick<TestClinch, 'app'>,
  of: {
    kind?: GroupKind;
    departmentId?: string;
    directoryRoleId?: string;
    people?: readonly { readonly id: string }[];
  },
): Promise<string> {
  const id = newIdentifier();
  const now = new Date();
  const { manager } = app.get(DataSource);
  await manager.insert(GroupEntity, {
    id,
    name: `Group ${id}`,
    nameKey: `group ${id}`.toLowerCase(),
    description: '',
    kind: of.kind ?? 'manual',
    departmentId: of.departmentId ?? null,
    includeDescendants: true,
    directoryRoleId: of.directoryRoleId ?? null,
    createdAt: now,
    updatedAt: now,
  });
  for (const person of of.people ?? []) await manager.insert(GroupMemberEntity, { groupId: id, accountId: person.id });
  return id;
}
