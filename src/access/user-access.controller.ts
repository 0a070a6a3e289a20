import { Get, Param, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import type { Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { ClientList } from '../app-registry/client-list.js';
import { AppsOfPerson, type OpenApp } from './apps-of-person.js';
import { AssignmentLookup } from './assignment-lookup.js';
import type { AssignmentOfPerson } from './assignments-of-people.js';
import { RequestQuery } from './explanation.dto.js';
import { PersonInApp } from './person-in-app.js';
import { subjectKey, SubjectNames } from './subject-names.js';
import { AppOfUser, EffectivePermission, PermissionQuery } from './user-access.dto.js';

/** What a person may do, and where. */
@AdminController('users/:id', 'Access')
export class UserAccessController {
  constructor(
    private readonly people: PersonInApp,
    private readonly clients: ClientList,
    private readonly lookup: AssignmentLookup,
    private readonly names: SubjectNames,
    private readonly apps: AppsOfPerson,
  ) {}

  @Get('permissions')
  @Operation({
    summary: 'List what a person may do',
    description:
      'Each permission once for every role and assignment that it comes from, in all apps that are switched on or in one. ' +
      'All on one page.',
    list: EffectivePermission,
    problems: [404],
  })
  async permissions(@Param('id') id: string, @Query() query: PermissionQuery): Promise<Page<EffectivePermission>> {
    const account = await this.people.person(id);
    const clients = (await this.clients.enabled()).filter((client) => (query.client_id ?? client.id) === client.id);
    const found = account.status === 'active' ? await this.lookup.ofPersonIn(account.id, clients) : new Map();
    const live = [...(found as Map<string, AssignmentOfPerson[]>).values()]
      .flat()
      .filter(({ state }) => state === 'live');
    const names = await this.names.of(live.map(({ subject }) => subject));
    const items = live.flatMap((assignment) => toPermissions(assignment, names)).toSorted(inOrder);
    return { items, next_cursor: null };
  }

  @Get('apps')
  @Operation({
    summary: 'List the apps that a person may open',
    description:
      'By name, with why. An app whose rule looks at what was not said is among them. All on one page. ' +
      'Needs `clinch:apps:read` too.',
    list: AppOfUser,
    problems: [404],
  })
  async list(
    @Param('id') id: string,
    @Query() { address, amr }: RequestQuery,
    @Administrator() actor: AdminActor,
  ): Promise<Page<AppOfUser>> {
    const account = await this.people.person(id);
    await this.people.requireApps(actor);
    const open = await this.apps.withReasons(account, {
      ...(address === undefined ? {} : { address }),
      ...(amr === undefined ? {} : { amr: amr.split(' ') }),
    });
    return { items: open.map((app) => toApp(app)), next_cursor: null };
  }
}

function toPermissions(
  { id, clientId, subject, role }: AssignmentOfPerson,
  names: ReadonlyMap<string, string>,
): EffectivePermission[] {
  const named = { type: subject.type, id: subject.id, name: names.get(subjectKey(subject)) ?? null };
  return (role?.permissions ?? []).map((permission) => ({
    client_id: clientId,
    permission,
    role: role?.name ?? '',
    assignment: id,
    subject: named,
  }));
}

function inOrder(one: EffectivePermission, other: EffectivePermission): number {
  const key = ({ client_id: app, permission, role, assignment }: EffectivePermission) =>
    [app, permission, role, assignment].join(' ');
  return key(one) < key(other) ? -1 : 1;
}

function toApp({ client, reason, roles, dependsOn }: OpenApp): AppOfUser {
  return {
    client_id: client.id,
    client_name: client.name,
    reason: reason.kind === 'everyone' ? 'everyone' : 'assigned',
    roles: [...roles],
    depends_on: [...dependsOn],
  };
}
