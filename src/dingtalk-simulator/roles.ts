export interface Role {
  readonly id: number;
  readonly name: string;
  readonly groupId: number;
}

export interface RoleGroup {
  readonly id: number;
  readonly name: string;
}

/** Roles in their groups and who has them. DingTalk's events call a role a label. */
export class Roles {
  readonly #groups = new Map<number, RoleGroup>();
  readonly #roles = new Map<number, Role>();
  readonly #holders = new Map<number, Set<string>>();

  groups(): RoleGroup[] {
    return [...this.#groups.values()];
  }

  group(id: number): RoleGroup | undefined {
    return this.#groups.get(id);
  }

  addGroup(group: RoleGroup): void {
    this.#groups.set(group.id, group);
  }

  role(id: number): Role | undefined {
    return this.#roles.get(id);
  }

  rolesIn(groupId: number): Role[] {
    return [...this.#roles.values()].filter((role) => role.groupId === groupId);
  }

  put(role: Role): Role {
    this.#roles.set(role.id, role);
    if (!this.#holders.has(role.id)) this.#holders.set(role.id, new Set());
    return role;
  }

  remove(id: number): void {
    this.#roles.delete(id);
    this.#holders.delete(id);
  }

  holdersOf(id: number): string[] {
    return [...(this.#holders.get(id) ?? [])];
  }

  rolesOf(userid: string): Role[] {
    return [...this.#roles.values()].filter((role) => this.#holders.get(role.id)?.has(userid) === true);
  }

  give(roleId: number, userid: string): void {
    this.#holders.get(roleId)?.add(userid);
  }

  take(roleId: number, userid: string): void {
    this.#holders.get(roleId)?.delete(userid);
  }

  takeAll(userid: string): void {
    for (const holders of this.#holders.values()) holders.delete(userid);
  }

  nextId(): number {
    return Math.max(...this.#roles.keys(), 9000) + 1;
  }
}
