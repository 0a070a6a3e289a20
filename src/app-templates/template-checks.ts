import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AdminValidation } from '../admin/admin-validation.js';
import { Problem, type FieldProblem } from '../admin/problem.js';
import { AppChecks, type ChangeOfApp } from '../app-registry/app-checks.js';
import type { AppChanges } from '../app-registry/app.dto.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import type { AppTemplate, FederatedRole } from './app-template.js';
import { AppTemplates } from './app-templates.js';
import { grantsThatHandOut } from './handing-out.js';

const PREFIX = 'template_settings';

/** Judges an app's template and the settings for it, when the app is saved. */
@Injectable()
export class TemplateChecks implements OnModuleInit {
  private readonly validation = new AdminValidation();

  constructor(
    private readonly checks: AppChecks,
    private readonly templates: AppTemplates,
  ) {}

  onModuleInit(): void {
    this.checks.declare(async (app, fields, change) => this.problems(app, fields, change));
  }

  private async problems(app: ClientEntity, fields: AppChanges, { old }: ChangeOfApp): Promise<FieldProblem[]> {
    const { template: id, templateSettings: sent } = app;
    if (id === null) return sent === null ? [] : [{ field: PREFIX, problem: 'needs a template that it is for' }];
    const template = this.templates.find(id);
    if (template === undefined) {
      // One that another release made can still be switched off or renamed by this one.
      if (old?.template === id && fields.template_settings === undefined) return [];
      const known = this.templates.all().map((each) => each.id);
      return [
        { field: 'template', problem: known.length === 0 ? 'is unknown' : `must be one of: ${known.join(', ')}` },
      ];
    }
    if (sent === null) return [{ field: PREFIX, problem: `is needed for the template ${id}` }];
    const settings = await this.read(template, sent);
    if (Array.isArray(settings)) return settings.map((found) => within(found));
    const found = template.problems(settings, app).map((each) => within(each));
    // The roles of settings that are wrong may be no roles at all.
    if (found.length === 0) found.push(...roleProblems(template.roles(settings), app));
    return template.open === undefined ? found : [...found, ...signInProblems(app)];
  }

  /** @returns the settings, or what is wrong with them by the rules of their class */
  private async read(template: AppTemplate, sent: object): Promise<object | FieldProblem[]> {
    try {
      const body = structuredClone(sent);
      return (await this.validation.transform(body, { type: 'body', metatype: template.settings })) as object;
    } catch (error) {
      if (!(error instanceof Problem) || error.errors === undefined) throw error;
      return [...error.errors];
    }
  }
}

/** With dots into nested objects, as everywhere, whichever way the template put it. */
function within({ field, problem }: FieldProblem): FieldProblem {
  return { field: `${PREFIX}.${field.replaceAll(/\[(\d+)\]/g, '.$1')}`, problem };
}

function roleProblems(roles: readonly FederatedRole[], app: ClientEntity): FieldProblem[] {
  if (roles.length === 0) return [{ field: `${PREFIX}.roles`, problem: 'must hold at least one role' }];
  const names = roles.map(({ name }) => name);
  const handingOut = grantsThatHandOut(app);
  const isSomeonesOwn = roles.some(({ appRole }) => appRole !== null);
  return [
    ...roles.flatMap(({ name, appRole }, index) => [
      ...(names.indexOf(name) === index
        ? []
        : [{ field: `${PREFIX}.roles.${index}.name`, problem: `is ${name} for the second time` }]),
      // The other side sees the token and not the person: whoever holds one takes any role that trusts the app.
      ...(appRole === null || handingOut.length === 0
        ? []
        : [
            {
              field: `${PREFIX}.roles.${index}.app_role`,
              problem:
                `may not be set where the grants ${handingOut.join(', ')} hand id tokens to people, who could take every ` +
                'role with one: leave those grants out here, and register an app of its own for them, whose roles are for ' +
                'everybody who may enter that',
            },
          ]),
    ]),
    ...(isSomeonesOwn && app.backchannelLogoutUri !== null
      ? [{ field: 'backchannel_logout_uri', problem: NO_LOGOUT_TOKENS }]
      : []),
  ];
}

/** Back-Channel Logout 1.0 §2.4: `iss`, `aud`, `sub`, `iat` and `exp`, by the key of id tokens; not everybody looks at `typ`. */
const NO_LOGOUT_TOKENS =
  'may not be set beside a role with app_role: logout tokens are signed as id tokens are and name the same audience, so ' +
  'whoever gets one could take every role with it; leave it empty here';

/** A launch asks for no fresh sign-in, so what asks for one must not look as if it did. */
function signInProblems({ defaultMaxAge, defaultAcrValues }: ClientEntity): FieldProblem[] {
  const problem =
    'may not be set for an app of a template: a launch takes the session that is there, and asks for no other';
  return [
    ...(defaultMaxAge === null ? [] : [{ field: 'default_max_age', problem }]),
    ...(defaultAcrValues.length === 0 ? [] : [{ field: 'default_acr_values', problem }]),
  ];
}
