import { tagged } from '../admin/entity-tag.js';
import { DEFAULT_SETTINGS, type SettingValues } from '../settings/settings.js';
import type { ServerSettings, SettingsChanges } from './settings.dto.js';

const FIELDS = {
  session_absolute_lifetime: 'sessionAbsoluteLifetime',
  session_idle_lifetime: 'sessionIdleLifetime',
  portal_app_initiated: 'portalAppInitiated',
  company_name: 'companyName',
  logo_uri: 'logoUri',
  privacy_notice_uri: 'privacyNoticeUri',
  accent_color: 'accentColor',
  signing_key_rotation: 'signingKeyRotation',
  signing_key_announcement: 'signingKeyAnnouncement',
  audit_retention_days: 'auditRetentionDays',
} as const satisfies Record<keyof SettingsChanges, keyof SettingValues>;

const PAIRS = Object.entries(FIELDS) as [keyof SettingsChanges, keyof SettingValues][];

export function toSettings(values: SettingValues): ServerSettings {
  const answer: ServerSettings = Object.fromEntries(PAIRS.map(([wire, own]) => [wire, values[own]]));
  return tagged(answer, values);
}

/** The fields that were sent; null is what comes by default. */
export function settingsOf(changes: SettingsChanges): Partial<SettingValues> {
  const sent = PAIRS.filter(([wire]) => changes[wire] !== undefined);
  return Object.fromEntries(sent.map(([wire, own]) => [own, changes[wire] ?? DEFAULT_SETTINGS[own]]));
}
