import { ChoiceField, FormField, ObjectListField, TextField } from '../../src/admin/fields.js';
import type { FieldProblem } from '../../src/admin/problem.js';
import type {
  AppTemplate,
  FederatedRole,
  Opened,
  Opening,
  Setup,
  SetupCheck,
} from '../../src/app-templates/app-template.js';
import { AppTemplates } from '../../src/app-templates/app-templates.js';
import type { Client } from '../../src/app-registry/client.js';
import type { TestClinch } from './start-clinch.js';

const CONSOLE = 'https://console.cloud.example/';

export class CloudRole {
  @TextField({ description: 'Its name there.', longest: 64, shortest: 1 })
  name: string;

  @TextField({ description: 'What people read.', longest: 64, fallback: null })
  display_name?: string | null;

  @TextField({ description: 'Who may take it.', longest: 64, fallback: null })
  app_role?: string | null;
}

export class CloudSettings {
  @FormField({ description: 'The account there.', longest: 12 }, (text) =>
    /^\d{12}$/.test(text) ? undefined : 'must be 12 digits',
  )
  account: string;

  @ChoiceField(['east', 'west'], { description: 'Where.' })
  region?: string;

  @ObjectListField(CloudRole, { description: 'Roles.', most: 10 })
  roles: CloudRole[];
}

/**
 * A cloud of no name, after AWS's `AssumeRoleWithWebIdentity`: a second template beside the one that Clinch has, made
 * without a change in `src`. What opening it does is the test's to say.
 */
export class CloudTemplate implements AppTemplate<CloudSettings> {
  readonly id = 'some_cloud';
  readonly name = 'Some Cloud';
  readonly settings = CloudSettings;
  readonly openings: Opening<CloudSettings>[] = [];
  answer: (opening: Opening<CloudSettings>) => Promise<Opened> = this.entersAtOnce();

  /** As long as nothing else is said: each with a ticket of its own. */
  entersAtOnce(): (opening: Opening<CloudSettings>) => Promise<Opened> {
    let tickets = 0;
    this.answer = async ({ role, account }) => ({
      location: `${CONSOLE}enter?ticket=once-${(tickets += 1)}`,
      details: { role_arn: `arn:cloud:${role.name}`, session_name: account.username },
    });
    return this.answer;
  }

  problems({ account, roles }: Partial<CloudSettings>): FieldProblem[] {
    if (account === undefined) return [{ field: 'account', problem: 'is required' }];
    if (roles === undefined) return [{ field: 'roles', problem: 'is required' }];
    return roles.flatMap(({ name }, index) =>
      name === account ? [{ field: `roles[${index}].name`, problem: 'is the account' }] : [],
    );
  }

  roles({ roles }: CloudSettings): FederatedRole[] {
    return roles.map(({ name, display_name: shown, app_role: appRole }) => ({
      name,
      displayName: shown ?? name,
      appRole: appRole ?? null,
    }));
  }

  ownPage(_settings: CloudSettings, address: string): string | undefined {
    return URL.canParse(address) && address.startsWith(CONSOLE) ? new URL(address).href : undefined;
  }

  async open(opening: Opening<CloudSettings>): Promise<Opened> {
    this.openings.push(opening);
    return this.answer(opening);
  }

  async setup(app: Client, { account, roles }: CloudSettings): Promise<Setup> {
    return {
      values: [{ name: 'audience', value: app.id }],
      documents: roles.map(({ name }) => ({ name: `trust:${name}`, content: { aud: app.id, account } })),
      commands: [{ name: 'configure', command: `cloud configure --account ${account}` }],
    };
  }

  async check(): Promise<SetupCheck[]> {
    return [{ name: 'account', state: 'warning', detail: 'Nobody can tell from here.' }];
  }
}

/** One whose roles are taken by a program of its own: nothing opens it in a browser. */
class ProgramTemplate implements AppTemplate<CloudSettings> {
  readonly id = 'some_program';
  readonly name = 'Some Program';
  readonly settings = CloudSettings;
  private readonly cloud = new CloudTemplate();

  problems(settings: Partial<CloudSettings>): FieldProblem[] {
    return this.cloud.problems(settings);
  }

  roles(settings: CloudSettings): FederatedRole[] {
    return this.cloud.roles(settings);
  }

  async setup(app: Client, settings: CloudSettings): Promise<Setup> {
    return this.cloud.setup(app, settings);
  }

  async check(): Promise<SetupCheck[]> {
    return [];
  }
}

/** Declares one that opens nothing. */
export function withProgram({ app }: Pick<TestClinch, 'app'>): void {
  app.get(AppTemplates).declare(new ProgramTemplate());
}

/** Declares it, as a room of `src` would do when it is constructed. */
export function withCloud({ app }: Pick<TestClinch, 'app'>): CloudTemplate {
  const template = new CloudTemplate();
  app.get(AppTemplates).declare(template);
  return template;
}

/** An app of it, as the admin API takes one; with a role for everybody unless said. */
export function cloudApp(clientId: string, differences: object = {}, roles: object[] = [{ name: 'reader' }]): object {
  return {
    client_id: clientId,
    client_name: '云',
    template: 'some_cloud',
    template_settings: { account: '123456789012', roles },
    ...differences,
  };
}
