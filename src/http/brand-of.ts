import type { SettingValues } from '../settings/settings.js';
import { CLINCH, type Brand } from '../ui/brand.js';
import { themePath } from '../ui/theme.js';

type LookSettings = Pick<SettingValues, 'companyName' | 'logoUri' | 'privacyNoticeUri' | 'accentColor'>;

/** What operators set for the look, as the pages take it; what they left out is Clinch's own. */
export function brandOf(settings: LookSettings, basePath: string): Brand {
  const { accentColor } = settings;
  return {
    name: settings.companyName ?? CLINCH.name,
    logoUri: settings.logoUri ?? undefined,
    privacyNoticeUri: settings.privacyNoticeUri ?? undefined,
    accentColor: accentColor ?? undefined,
    themeHref: accentColor === null ? undefined : basePath + pathOf(accentColor),
  };
}

let latest: { readonly accentColor: string; readonly path: string } | undefined;

// Every page asks, and the colour changes once in years.
function pathOf(accentColor: string): string {
  if (latest?.accentColor !== accentColor) latest = { accentColor, path: themePath(accentColor) };
  return latest.path;
}
