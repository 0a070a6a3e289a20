import { Injectable } from '@nestjs/common';
import { DepartmentStore } from '../../directory/department-store.js';
import { MembershipStore } from '../../directory/membership-store.js';
import { RoleStore } from '../../directory/role-store.js';
import type { DingTalkClient } from '../api/dingtalk-client.js';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import { DingTalkError } from '../api/dingtalk-error.js';
import type { DepartmentRecord, OrganisationRecord } from '../api/organisation-record.js';
import { People } from '../people/people.js';
import type { IdentitySource } from '../source/identity-source.js';
import { KnownPeople } from './known-people.js';
import { placesOf } from './person-comparison.js';

/** What became of a person who was read again. */
export type Refreshed = 'updated' | 'departed' | 'unchanged' | 'refused';

/** Departments above one that is not known are read too, up to so many. */
const DEEPEST = 20;

/** Milliseconds that a department that could not be read is let be, and how many such are remembered. */
const UNREADABLE_FOR_MS = 600_000;
const MOST_UNREADABLE = 10_000;

/** Reads single things of an organisation's directory again: after an event, and at a sign-in. */
@Injectable()
export class DirectoryUpdates {
  /** Departments that could not be read, and until when they are not asked for again. */
  private readonly unreadable = new Map<string, number>();

  constructor(
    private readonly clients: DingTalkClients,
    private readonly people: People,
    private readonly known: KnownPeople,
    private readonly departments: DepartmentStore,
    private readonly memberships: MembershipStore,
    private readonly roles: RoleStore,
  ) {}

  /**
   * Reads one person again, and applies profile, departments and roles. Who is gone at DingTalk, or disabled there, has
   * departed.
   *
   * @param by what led to it, for the audit: `sign_in`, `event ID`
   * @throws {DingTalkError} when the person cannot be read; nothing is changed then
   */
  async refreshPerson(source: IdentitySource, userid: string, by: string): Promise<Refreshed> {
    const readAt = new Date();
    const record = await this.clients.of(source).user(userid);
    if (record !== undefined && record.disable_status !== true) return this.apply(source, record, by, readAt);
    const accountId = (await this.known.accountsOf(source, [userid])).get(userid);
    const hasLeft = await this.people.depart(source, userid, by);
    if (accountId !== undefined) {
      await this.memberships.put(source.id, new Map([[accountId, []]]));
      await this.roles.putRolesOf(source.id, accountId, new Set());
    }
    return hasLeft ? 'departed' : 'unchanged';
  }

  /**
   * Applies a whole record of a person, as `user/get` gives it: profile, departments, roles.
   *
   * @param readAt before the record was read: who has left since then stays away
   * @throws {DingTalkError} never: a department that is not known here and cannot be read is left out
   */
  async apply(source: IdentitySource, record: OrganisationRecord, by: string, readAt: Date): Promise<Refreshed> {
    const admission = await this.people.admit(source, record, by, readAt);
    if ('refused' in admission) return admission.refused === 'disabled_in_dingtalk' ? 'departed' : 'refused';
    const accountId = admission.account.id;
    const [hasMoved, hasOtherRoles] = [
      await this.putPlaces(source, accountId, record),
      await this.putRoles(source, accountId, record),
    ];
    return admission.outcome === 'unchanged' && !hasMoved && !hasOtherRoles ? 'unchanged' : 'updated';
  }

  /**
   * Reads these departments again; those that are gone at DingTalk are removed.
   *
   * @param ids as DingTalk numbers them; those below 1 are skipped
   * @throws {DingTalkError} when one cannot be read; what was read until then is applied
   */
  async refreshDepartments(source: IdentitySource, ids: readonly number[], _by: string): Promise<void> {
    const client = this.clients.of(source);
    for (const id of new Set(ids.filter((each) => each > 0))) {
      const found = await client.department(id);
      if (found === undefined) await this.departments.removeAll(source.id, [String(id)]);
      else await this.putDepartment(source, client, found);
    }
  }

  /**
   * Reads one role and its members again; one that is gone at DingTalk is removed. Nothing, where roles are not synced.
   *
   * @throws {DingTalkError} when it cannot be read
   */
  async refreshRole(source: IdentitySource, id: number, _by: string): Promise<void> {
    if (!source.settings.syncRoles) return;
    const client = this.clients.of(source);
    const role = (await client.roles()).find((each) => each.id === id);
    if (role === undefined) {
      const stored = (await this.roles.ofSource(source.id)).get(String(id));
      if (stored !== undefined) await this.roles.removeAll([stored.id]);
      return;
    }
    const userids: string[] = [];
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const page = await client.roleMembers(id, offset);
      userids.push(...page.userids);
      offset = page.nextOffset;
    }
    await this.roles.put(source.id, [{ externalId: String(id), name: role.name, groupName: role.groupName }]);
    const stored = (await this.roles.ofSource(source.id)).get(String(id));
    if (stored === undefined) return;
    await this.roles.putMembers(stored.id, new Set((await this.known.accountsOf(source, userids)).values()));
  }

  /** With those above it that are not known here yet, so that it has its place in the tree. */
  private async putDepartment(source: IdentitySource, client: DingTalkClient, found: DepartmentRecord): Promise<void> {
    const known = await this.departments.ofSource(source.id);
    const line = [found];
    for (let parentId = found.parentId; parentId !== undefined && line.length < DEEPEST;) {
      const stored = known.get(String(parentId));
      if (stored !== undefined && !stored.removed) break;
      const parent = await readable(client.department(parentId));
      if (parent === undefined) break;
      line.push(parent);
      parentId = parent.parentId;
    }
    await this.departments.put(
      source.id,
      line.map(({ id, name, parentId, order }) => ({
        externalId: String(id),
        name,
        parent: parentId === undefined ? null : String(parentId),
        order,
      })),
    );
    if (found.managers === undefined) return;
    const accounts = await this.known.accountsOf(source, found.managers);
    const managers = found.managers.flatMap((userid) => accounts.get(userid) ?? []);
    const stored = (await this.departments.ofSource(source.id)).get(String(found.id));
    if (stored !== undefined) await this.departments.putManagers(source.id, new Map([[stored.id, managers]]));
  }

  private async putPlaces(source: IdentitySource, accountId: string, record: OrganisationRecord): Promise<boolean> {
    if (record.departments === undefined) return false;
    const ids = record.departments.map(({ id }) => String(id));
    let known = await this.departments.find(source.id, ids);
    const unknown = ids.filter((id) => known.get(id)?.removed !== false && this.isWorthReading(source, id));
    if (unknown.length > 0) {
      for (const id of unknown) await this.readUnknown(source, id);
      known = await this.departments.find(source.id, ids);
    }
    const stored = [...known.values()].filter(({ removed }) => !removed);
    const places = placesOf(record, new Map(stored.map(({ id, externalId }) => [externalId, id])));
    return (await this.memberships.put(source.id, new Map([[accountId, places]]))).length > 0;
  }

  private async readUnknown(source: IdentitySource, id: string): Promise<void> {
    const client = this.clients.of(source);
    const found = await readable(client.department(Number(id)));
    if (found !== undefined) return this.putDepartment(source, client, found);
    if (this.unreadable.size >= MOST_UNREADABLE) this.unreadable.clear();
    this.unreadable.set(`${source.id} ${id}`, Date.now() + UNREADABLE_FOR_MS);
  }

  /** Not again at every sign-in, where the app may not see all departments. */
  private isWorthReading(source: IdentitySource, id: string): boolean {
    return Number(id) > 0 && (this.unreadable.get(`${source.id} ${id}`) ?? 0) <= Date.now();
  }

  /** A record without roles may be one that was read without the right to see them. */
  private async putRoles(source: IdentitySource, accountId: string, { roles }: OrganisationRecord): Promise<boolean> {
    if (roles === undefined || !source.settings.syncRoles) return false;
    const known = await this.roles.ofSource(source.id);
    const fields = roles.map(({ id, name, group_name: groupName }) => ({
      externalId: String(id),
      name,
      groupName: groupName ?? known.get(String(id))?.groupName ?? '',
    }));
    await this.roles.put(source.id, fields);
    const stored = await this.roles.ofSource(source.id);
    const ids = fields.flatMap(({ externalId }) => stored.get(externalId)?.id ?? []);
    return (await this.roles.putRolesOf(source.id, accountId, new Set(ids))) > 0;
  }
}

/** What is outside of what the app may see is as if it were not there. */
async function readable<T>(answer: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DingTalkError) return undefined;
    throw error;
  }
}
