import { Injectable } from '@nestjs/common';
import { AppRoles } from '../access/app-roles.js';
import type { Client } from '../app-registry/client.js';
import type { FederatedRole, SetupCheck } from './app-template.js';
import type { TemplateOfApp } from './app-templates.js';

const NAME = 'app_roles';

/** Whether an app with a template will work: what the template itself can tell, and what is the same for all of them. */
@Injectable()
export class TemplateInspection {
  constructor(private readonly roles: AppRoles) {}

  /** It goes out to the network, and changes nothing. */
  async of(client: Client, { template, settings }: TemplateOfApp): Promise<readonly SetupCheck[]> {
    const [own, known] = await Promise.all([template.check(client, settings), this.roles.of(client.id)]);
    const names = new Set(known.map(({ name }) => name));
    return [...own, appRoles(template.roles(settings), names)];
  }
}

/** Cannot be judged when the app is saved: its roles come after it. */
function appRoles(roles: readonly FederatedRole[], known: ReadonlySet<string>): SetupCheck {
  const wanted = [...new Set(roles.flatMap(({ appRole }) => (appRole === null ? [] : [appRole])))];
  if (wanted.length === 0) {
    return { name: NAME, state: 'passed', detail: 'Every role is for everybody who may enter the app.' };
  }
  const missing = wanted.filter((name) => !known.has(name));
  if (missing.length === 0) {
    return { name: NAME, state: 'passed', detail: `The app has the roles that are asked for: ${wanted.join(', ')}.` };
  }
  const detail =
    `The app has no role ${missing.join(', ')}, so nobody can take what is for those who have it: make it at ` +
    '/admin/api/v1/roles, or mend app_role in template_settings.';
  return { name: NAME, state: 'failed', detail };
}
