import { Body, Get, Patch } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AdminController } from '../admin/admin-controller.js';
import { Administrator } from '../admin/admin.guard.js';
import { Operation, type OperationExamples } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import { preconditionOf } from '../admin/request-terms.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { changesBetween } from '../audit/changes.js';
import { Settings, type SettingValues } from '../settings/settings.js';
import { ServerSettings, SettingsChanges } from './settings.dto.js';
import { settingsOf, toSettings } from './settings-wire.js';

const EXAMPLES: OperationExamples<SettingsChanges> = {
  look: {
    summary: 'The pages in the company’s own name and colour',
    value: {
      company_name: '杭州样例科技有限公司',
      logo_uri: 'https://static.example.com/logo.svg',
      privacy_notice_uri: 'https://www.example.com/privacy',
      accent_color: '#0b57d0',
    },
  },
  shorter: {
    summary: 'Sign-ins for half a working day, and for half an hour without use',
    value: { session_absolute_lifetime: 14_400, session_idle_lifetime: 1_800 },
  },
  portal: { summary: 'No apps in the portal that it cannot open', value: { portal_app_initiated: 'hide' } },
  keys: {
    summary: 'A new signing key every month, announced two days ahead',
    value: { signing_key_rotation: 2_592_000, signing_key_announcement: 172_800 },
  },
  reset: { summary: 'A value as it comes', value: { accent_color: null, company_name: null } },
};

/** What operators set for the whole server. */
@AdminController('settings', 'Settings')
export class SettingsController {
  constructor(
    private readonly settings: Settings,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({
    summary: 'Read the settings',
    description:
      'How long sign-ins last, what the portal shows, the look of the pages, and how often signing keys change.',
    answer: ServerSettings,
    tagged: true,
  })
  async read(): Promise<ServerSettings> {
    return toSettings(await this.settings.latest());
  }

  @Patch()
  @Operation({
    summary: 'Change the settings',
    description:
      'Fields that are left out stay as they are; null brings back what comes by default. On other nodes it counts ' +
      'within seconds.',
    answer: ServerSettings,
    body: { type: SettingsChanges, examples: EXAMPLES },
    tagged: true,
    conditional: true,
  })
  async change(@Body() body: SettingsChanges, @Administrator() actor: Actor): Promise<ServerSettings> {
    const changed = settingsOf(body);
    const fields = Object.keys(body);
    if (fields.length === 0 && !preconditionOf(actor).isSet) return this.read();
    const judged = (there: SettingValues): void => {
      preconditionOf(actor).judge(there);
      judge({ ...there, ...changed });
    };
    const note = (manager: EntityManager, there: SettingValues): Promise<void> => {
      const details = { fields, ...changesBetween(toSettings(there), toSettings({ ...there, ...changed })) };
      return this.audit.recordIn(manager, 'settings.changed', actor, details);
    };
    return toSettings(await this.settings.change(changed, judged, note));
  }
}

/** The rules about all of them together. */
function judge({ sessionAbsoluteLifetime, sessionIdleLifetime }: SettingValues): void {
  if (sessionIdleLifetime <= sessionAbsoluteLifetime) return;
  const problem = `may not be longer than session_absolute_lifetime, which is ${sessionAbsoluteLifetime}`;
  throw Problem.ofFields([{ field: 'session_idle_lifetime', problem }]);
}
