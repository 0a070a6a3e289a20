import { Injectable } from '@nestjs/common';
import type { FieldProblem } from '../admin/problem.js';
import type { Client } from '../app-registry/client.js';
import type { AppTemplate, Opened, Opening, Setup, SetupCheck } from '../app-templates/app-template.js';
import { AppTemplates } from '../app-templates/app-templates.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { AlibabaCloudSettings } from './alibaba-cloud-settings.dto.js';
import { appChecks, issuerForm } from './app-checks.js';
import { consoleAccount, type ConsoleRole } from './console-account.js';
import { ConsoleOpening } from './console-opening.js';
import { ConsoleSetup } from './console-setup.js';
import { IssuerChecks } from './issuer-checks.js';
import { RoleAudiences } from './role-audiences.js';
import { settingsProblems } from './settings-problems.js';
import { consolePage } from './sites.js';

/** Alibaba Cloud's console, and its command line, by RAM's role-based single sign-on with OpenID Connect. */
@Injectable()
export class AlibabaCloudTemplate implements AppTemplate<AlibabaCloudSettings> {
  readonly id = 'alibaba_cloud';
  readonly name = 'Alibaba Cloud';
  readonly settings = AlibabaCloudSettings;

  constructor(
    templates: AppTemplates,
    private readonly console: ConsoleOpening,
    private readonly setups: ConsoleSetup,
    private readonly checks: IssuerChecks,
    private readonly audiences: RoleAudiences,
    private readonly config: ClinchConfig,
  ) {
    templates.declare(this);
  }

  problems(settings: AlibabaCloudSettings): FieldProblem[] {
    return settingsProblems(settings, this.config);
  }

  roles(settings: AlibabaCloudSettings): readonly ConsoleRole[] {
    return consoleAccount(settings).roles;
  }

  ownPage(_settings: AlibabaCloudSettings, address: string): string | undefined {
    return consolePage(address);
  }

  async open(opening: Opening<AlibabaCloudSettings>): Promise<Opened> {
    return this.console.open(opening);
  }

  async setup(app: Client, settings: AlibabaCloudSettings): Promise<Setup> {
    return this.setups.of(app, settings);
  }

  async check(app: Client, settings: AlibabaCloudSettings): Promise<SetupCheck[]> {
    const account = consoleAccount(settings);
    const audiences = await this.audiences.of(app);
    return [issuerForm(this.config.issuer), ...(await this.checks.of(app)), ...appChecks(app, account, audiences)];
  }
}
