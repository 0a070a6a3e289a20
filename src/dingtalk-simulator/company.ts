import { type CompanyEvent, type CompanyEventType, aboutPeople, companyEvent } from './company-event.js';
import { type Department, Departments, ROOT_DEPARTMENT } from './departments.js';
import { type Leaver, type NewPerson, type Person, type PersonFields, deptIdsOf } from './person.js';
import { Roles } from './roles.js';

export interface Silence {
  /** Nobody is told: the change is found by the next full reading only. */
  readonly silent?: boolean;
}

/** 1 is the main administrator, 2 a sub-administrator. */
export type AdminLevel = 1 | 2;

/**
 * One organisation: its people, its departments, its roles. Every method that changes something raises the event that
 * DingTalk would, unless told to be silent, and throws an Error when its subject does not exist.
 */
export class Company {
  readonly departments = new Departments();
  readonly roles = new Roles();
  /** Those who have gone, by the userid they had. */
  readonly left = new Map<string, Leaver>();
  /** People of other companies whom this one keeps as contacts: found by unionid, and in no department. */
  readonly externalContacts = new Map<string, Person>();
  readonly #people = new Map<string, Person>();
  readonly #byUnionid = new Map<string, string>();
  readonly #byMobile = new Map<string, string>();
  readonly #members = new Map<number, Set<string>>();
  readonly #admins = new Map<string, AdminLevel>();
  readonly #listeners = new Set<(event: CompanyEvent) => void>();

  constructor(
    readonly corpId: string,
    readonly name: string,
  ) {
    this.departments.put({ id: ROOT_DEPARTMENT, name, order: 0, managers: [] });
  }

  get size(): number {
    return this.#people.size;
  }

  people(): IterableIterator<Person> {
    return this.#people.values();
  }

  person(userid: string): Person | undefined {
    return this.#people.get(userid);
  }

  personByUnionid(unionid: string): Person | undefined {
    return this.#people.get(this.#byUnionid.get(unionid) ?? '');
  }

  personByMobile(mobile: string): Person | undefined {
    return this.#people.get(this.#byMobile.get(mobile) ?? '');
  }

  /** The people directly in a department, in the order in which they came. */
  membersOf(deptId: number): Person[] {
    return [...(this.#members.get(deptId) ?? [])].flatMap((userid) => this.#people.get(userid) ?? []);
  }

  adminLevel(userid: string): AdminLevel | undefined {
    return this.#admins.get(userid);
  }

  admins(): { userid: string; level: AdminLevel }[] {
    return [...this.#admins].map(([userid, level]) => ({ userid, level }));
  }

  /** Puts somebody into the book, or another version of them. No event: this is what samples and tests build with. */
  put(person: Person): Person {
    this.#unindex(person.userid, deptIdsOf(person));
    this.#people.set(person.userid, person);
    this.#byUnionid.set(person.unionid, person.userid);
    if (person.mobile) this.#byMobile.set(person.mobile, person.userid);
    for (const deptId of deptIdsOf(person)) this.#membersIn(deptId).add(person.userid);
    return person;
  }

  join({ deptIds, userid, unionid, ...fields }: NewPerson, options: Silence = {}): Person {
    const id = userid ?? this.#nextUserid();
    if (this.#people.has(id)) throw new Error(`There is a ${id} already.`);
    const person = this.put({
      active: true,
      ...fields,
      userid: id,
      unionid: unionid ?? `UNION-${this.corpId}-${id}`,
      memberships: this.#memberships(deptIds),
      hiredDate: fields.hiredDate ?? Date.now(),
    });
    this.#raise('user_add_org', aboutPeople(id), options);
    return person;
  }

  leave(userid: string, options: Silence & { readonly reason?: Leaver['reason'] } = {}): void {
    const person = this.#known(userid);
    this.#unindex(userid, []);
    this.#people.delete(userid);
    this.#admins.delete(userid);
    this.roles.takeAll(userid);
    this.left.set(userid, { person, leftAt: Date.now(), reason: options.reason ?? 'leave' });
    this.#raise('user_leave_org', aboutPeople(userid), options);
  }

  /** Brings somebody back who left: the same account, so the same unionid, with the old userid or with another one. */
  rehire(userid: string, options: Silence & { readonly newUserid?: string } = {}): Person {
    const leaver = this.left.get(userid);
    if (!leaver) throw new Error(`Nobody left as ${userid}.`);
    const id = options.newUserid ?? userid;
    if (this.#people.has(id)) throw new Error(`There is a ${id} already.`);
    this.left.delete(userid);
    const deptIds = deptIdsOf(leaver.person).filter((deptId) => this.departments.get(deptId));
    const memberships = this.#memberships(deptIds.length > 0 ? deptIds : [ROOT_DEPARTMENT]);
    const person = this.put({ ...leaver.person, userid: id, memberships, hiredDate: Date.now() });
    this.#raise('user_add_org', aboutPeople(id), options);
    return person;
  }

  /** Gives the userid of somebody who left to another person: another account, so another unionid. */
  reuseUserid(userid: string, newcomer: Omit<NewPerson, 'userid'>, options: Silence = {}): Person {
    if (!this.left.has(userid)) throw new Error(`Nobody left as ${userid}.`);
    this.left.delete(userid);
    const unionid = newcomer.unionid ?? `UNION-${this.corpId}-${userid}-second`;
    return this.join({ ...newcomer, userid, unionid }, options);
  }

  move(userid: string, deptIds: readonly number[], options: Silence = {}): Person {
    const person = this.put({ ...this.#known(userid), memberships: this.#memberships(deptIds) });
    // The pages list no department keys for the difference, so that the person must be read again to learn it.
    this.#raise('user_modify_org', { ...aboutPeople(userid), diffInfo: { prev: {}, curr: {}, userid } }, options);
    return person;
  }

  /** Changes fields of somebody; a field that is given as undefined is emptied. */
  change(userid: string, fields: PersonFields, options: Silence = {}): Person {
    const before = this.#known(userid);
    const person = this.put({ ...before, ...fields });
    const diffInfo = { prev: inEvents(before, fields), curr: inEvents(person, fields), userid };
    this.#raise('user_modify_org', { ...aboutPeople(userid), diffInfo }, options);
    return person;
  }

  /** Disables (or enables again) somebody's enterprise account, making one where there is none. */
  disable(userid: string, disabled = true, options: Silence = {}): Person {
    const person = this.#known(userid);
    const account = person.enterpriseAccount ?? { type: 'dingtalk', loginId: userid, nickname: person.name };
    return this.change(userid, { enterpriseAccount: { ...account, disabled } }, options);
  }

  activate(userid: string, options: Silence = {}): void {
    this.put({ ...this.#known(userid), active: true });
    this.#raise('user_active_org', { userId: [userid] }, options);
  }

  makeAdmin(userid: string, level: AdminLevel, options: Silence = {}): void {
    this.#known(userid);
    this.#admins.set(userid, level);
    this.#raise('org_admin_add', aboutPeople(userid), options);
  }

  removeAdmin(userid: string, options: Silence = {}): void {
    this.#admins.delete(userid);
    this.#raise('org_admin_remove', aboutPeople(userid), options);
  }

  createDepartment(fields: Omit<Partial<Department>, 'name'> & { name: string }, options: Silence = {}): Department {
    const id = fields.id ?? this.departments.nextId();
    const parentId = fields.parentId ?? ROOT_DEPARTMENT;
    if (!this.departments.get(parentId)) throw new Error(`There is no department ${parentId}.`);
    const department = this.departments.put({ order: id, managers: [], ...fields, id, parentId });
    this.#raise('org_dept_create', { deptId: [id] }, options);
    return department;
  }

  changeDepartment(id: number, fields: Partial<Omit<Department, 'id'>>, options: Silence = {}): Department {
    const department = this.departments.put({ ...this.#knownDepartment(id), ...fields });
    this.#raise('org_dept_modify', { deptId: [id] }, options);
    return department;
  }

  renameDepartment(id: number, name: string, options: Silence = {}): Department {
    return this.changeDepartment(id, { name }, options);
  }

  /** Removes a department. Its people go to the department above; a department with departments below is refused. */
  removeDepartment(id: number, options: Silence = {}): void {
    const { parentId } = this.#knownDepartment(id);
    if (parentId === undefined) throw new Error('The root stays.');
    if (this.departments.childrenOf(id).length > 0) throw new Error(`There are departments below ${id}.`);
    for (const person of this.membersOf(id)) {
      const kept = deptIdsOf(person).filter((deptId) => deptId !== id);
      this.put({ ...person, memberships: this.#memberships(kept.length > 0 ? kept : [parentId]) });
    }
    this.departments.remove(id);
    this.#raise('org_dept_remove', { deptId: [id] }, options);
  }

  assignRole(roleId: number, userid: string, options: Silence = {}): void {
    this.#known(userid);
    this.roles.give(roleId, userid);
    this.#raise('label_user_change', { userIdList: [userid], labelIdList: [roleId], action: 'add' }, options);
  }

  withdrawRole(roleId: number, userid: string, options: Silence = {}): void {
    this.roles.take(roleId, userid);
    this.#raise('label_user_change', { userIdList: [userid], labelIdList: [roleId], action: 'remove' }, options);
  }

  createRole(name: string, groupId: number, options: Silence = {}): number {
    const { id } = this.roles.put({ id: this.roles.nextId(), name, groupId });
    this.#raise('label_conf_add', { scope: '1', labelIdList: [id] }, options);
    return id;
  }

  renameRole(id: number, name: string, options: Silence = {}): void {
    const before = this.roles.role(id);
    if (!before) throw new Error(`There is no role ${id}.`);
    const after = this.roles.put({ ...before, name });
    const label = (role: typeof before) =>
      JSON.stringify({ id, name: role.name, parentId: role.groupId, scope: 1, level: 1, deleted: false });
    const lists = { labelIdList: [id], preLabelList: [label(before)], postLabelList: [label(after)] };
    this.#raise('label_conf_modify', { scope: '1', ...lists }, options);
  }

  removeRole(id: number, options: Silence = {}): void {
    this.roles.remove(id);
    this.#raise('label_conf_del', { labelIdList: [id] }, options);
  }

  /** Calls back at every event; gives the function that ends it. */
  onEvent(listener: (event: CompanyEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #raise(type: CompanyEventType, payload: Record<string, unknown>, { silent = false }: Silence): void {
    if (silent) return;
    const event = companyEvent(this.corpId, type, payload);
    for (const listener of this.#listeners) listener(event);
  }

  #known(userid: string): Person {
    const person = this.#people.get(userid);
    if (!person) throw new Error(`There is no ${userid}.`);
    return person;
  }

  #knownDepartment(id: number): Department {
    const department = this.departments.get(id);
    if (!department) throw new Error(`There is no department ${id}.`);
    return department;
  }

  #memberships(deptIds: readonly number[]): Person['memberships'] {
    return deptIds.map((id) => ({ deptId: this.#knownDepartment(id).id, order: 1, leader: false }));
  }

  #membersIn(deptId: number): Set<string> {
    const known = this.#members.get(deptId);
    if (known) return known;
    const made = new Set<string>();
    this.#members.set(deptId, made);
    return made;
  }

  // Whoever stays in a department keeps the place in its list: pages of a list must not shift with every change.
  #unindex(userid: string, keptDeptIds: readonly number[]): void {
    const before = this.#people.get(userid);
    if (!before) return;
    this.#byUnionid.delete(before.unionid);
    if (before.mobile) this.#byMobile.delete(before.mobile);
    for (const deptId of deptIdsOf(before)) {
      if (!keptDeptIds.includes(deptId)) this.#members.get(deptId)?.delete(userid);
    }
  }

  #nextUserid(): string {
    let number = this.#people.size + this.left.size + 1;
    while (this.#people.has(`n${number}`) || this.left.has(`n${number}`)) number += 1;
    return `n${number}`;
  }
}

/** The names that the difference in user_modify_org uses. A key vanishes when its value is emptied. */
function inEvents(person: Person, changed: PersonFields): Record<string, unknown> {
  const named = { managerUserid: 1, hiredDate: 1, name: 1, telephone: 1, email: 1, jobNumber: 1, workPlace: 1 };
  const keys = Object.keys(changed).filter((key): key is keyof typeof named => Object.hasOwn(named, key));
  return Object.fromEntries(keys.flatMap((key) => (person[key] === undefined ? [] : [[key, person[key]]])));
}
