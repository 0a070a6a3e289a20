import { Body, HttpCode, Post } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { Reads } from '../admin/admin-part.js';
import { neededScope } from '../admin/admin-scope.js';
import { Administrators } from '../admin/administrators.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { CHECK_EXAMPLES } from './access-examples.js';
import { AssignmentLookup } from './assignment-lookup.js';
import type { AssignmentOfPerson } from './assignments-of-people.js';
import { AccessAnswer, AccessQuestion, type CheckedPermission } from './check.dto.js';
import { permits } from './permission.js';
import { PersonInApp } from './person-in-app.js';
import { SubjectsOfApps } from './subjects-of-apps.js';

/** What apps ask about people while they work. */
@AdminController('access', 'Access')
export class AccessCheckController {
  constructor(
    private readonly lookup: AssignmentLookup,
    private readonly registry: ClientRegistry,
    private readonly people: PersonInApp,
    private readonly administrators: Administrators,
    private readonly subjects: SubjectsOfApps,
  ) {}

  @Post('check')
  @HttpCode(200)
  @Reads()
  @Operation({
    summary: 'Ask what a person may do',
    description:
      'By the roles that the person has in the app now. Nothing is allowed to a person who is disabled, or of whom there ' +
      'is none. Whether they may enter the app is another question: its rule is not asked here.',
    answer: AccessAnswer,
    body: { type: AccessQuestion, examples: CHECK_EXAMPLES },
  })
  async check(@Body() question: AccessQuestion, @Administrator() actor: AdminActor): Promise<AccessAnswer> {
    const asked = permissionsOf(question);
    const client = await this.appOf(question, actor);
    const held = await this.heldBy(await this.meant(question.user, client, actor), client);
    const checked = asked.map((permission): CheckedPermission => {
      const roles = held.flatMap(({ role }) =>
        role?.permissions.some((granted) => permits(granted, permission)) === true ? [role.name] : [],
      );
      return { permission, allowed: roles.length > 0, roles: [...new Set(roles)].toSorted() };
    });
    const allowed = checked.every((each) => each.allowed);
    const [only] = checked;
    if (question.permissions === undefined && only !== undefined) {
      return { allowed, permission: only.permission, roles: only.roles };
    }
    return { allowed, roles: [...new Set(checked.flatMap(({ roles }) => roles))].toSorted(), permissions: checked };
  }

  /** @throws {AdminScopeError} 403 for another app, without the right to read apps */
  private async appOf({ client_id: clientId }: AccessQuestion, actor: AdminActor): Promise<Client> {
    const asked = clientId ?? actor.clientId;
    if (asked !== actor.clientId) await this.administrators.require(actor, neededScope('apps', 'GET'));
    const client = await this.registry.find(asked);
    if (client === undefined) throw Problem.ofFields([{ field: 'client_id', problem: 'is no registered app' }]);
    return client;
  }

  /** An app that asks about itself may know the person by a subject of its own; by the id of the account it may ask too. */
  private async meant(user: string, client: Client, { clientId }: AdminActor): Promise<string> {
    return client.id === clientId ? ((await this.subjects.accountOf(client.id, user)) ?? user) : user;
  }

  private async heldBy(user: string, client: Client): Promise<AssignmentOfPerson[]> {
    const account = await this.people.personIfAny(user);
    if (account?.status !== 'active') return [];
    return (await this.lookup.ofPerson(account.id, client)).filter(({ state }) => state === 'live');
  }
}

/** @throws {Problem} when it is not clear what is asked */
function permissionsOf({ user, resource, action, permissions }: AccessQuestion): readonly string[] {
  if (user === undefined) throw Problem.ofFields([{ field: 'user', problem: 'is required' }]);
  if (permissions !== undefined && (resource !== undefined || action !== undefined)) {
    throw Problem.ofFields([{ field: 'permissions', problem: 'may not stand beside resource and action' }]);
  }
  if (permissions?.length === 0) throw Problem.ofFields([{ field: 'permissions', problem: 'may not be empty' }]);
  if (permissions !== undefined) return permissions;
  if (resource === undefined) throw Problem.ofFields([{ field: 'resource', problem: 'is required' }]);
  if (action === undefined) throw Problem.ofFields([{ field: 'action', problem: 'is required' }]);
  return [`${resource}:${action}`];
}
