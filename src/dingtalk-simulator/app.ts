import { randomBytes } from 'node:crypto';
import { SAMPLE_CORP_ID } from './sample-company.js';

/** The permission points of DingTalk's console that the simulator knows; the last two stand for its field permissions. */
export const PERMISSIONS = [
  'qyapi_base',
  'open_app_api_base',
  'Contact.User.Read',
  'Contact.User.mobile',
  'qyapi_get_member',
  'qyapi_get_department_list',
  'qyapi_get_department_member',
  'qyapi_get_member_by_mobile',
  'Contact.Common.Read',
  'fieldMobile',
  'fieldEmail',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Where and how events are pushed by HTTP. */
export interface CallbackSettings {
  readonly url: string;
  readonly token: string;
  /** 43 characters. */
  readonly aesKey: string;
}

/** An app as its owner registers it in DingTalk's console. Tests change the fields as an administrator would. */
export interface SimulatorApp {
  readonly clientId: string;
  clientSecret: string;
  readonly agentId: number;
  readonly unifiedAppId: string;
  readonly corpId: string;
  name: string;
  redirectUris: string[];
  /** Home page on phones and on desktops; both may hold `$CORPID$`. */
  mobileHomeUrl?: string;
  pcHomeUrl?: string;
  /** Hosts of pages that may sign people in inside DingTalk, beside those of the addresses above. */
  inAppHosts: string[];
  permissions: Set<Permission>;
  /** What of the address book the app may read. */
  scope: { departments: number[]; users: string[] };
  /** Before the first version is published the credentials do not work. */
  published: boolean;
  /** Whether the caller's address is among those that the app has listed. */
  egressAllowed: boolean;
  callback?: CallbackSettings;
  stream: boolean;
}

export type AppSettings = Partial<Omit<SimulatorApp, 'permissions'>> & { readonly permissions?: Iterable<Permission> };

export const DEFAULT_CLIENT_ID = 'dingclinchdemo0001';

/** An app with everything granted that is published; what is given stands above that. */
export function simulatorApp({ permissions, ...settings }: AppSettings = {}): SimulatorApp {
  return {
    clientId: DEFAULT_CLIENT_ID,
    clientSecret: randomBytes(32).toString('base64url'),
    agentId: 1_000_001,
    unifiedAppId: '5b1f6c3e-0000-4000-8000-000000000001',
    corpId: SAMPLE_CORP_ID,
    name: 'Clinch',
    redirectUris: [],
    inAppHosts: [],
    scope: { departments: [1], users: [] },
    published: true,
    egressAllowed: true,
    stream: true,
    ...settings,
    permissions: new Set(permissions ?? PERMISSIONS),
  };
}

/** The hosts, with their ports, whose pages may ask for a code inside DingTalk. */
export function hostsOf(app: SimulatorApp): string[] {
  const addresses = [...app.redirectUris, ...[app.mobileHomeUrl, app.pcHomeUrl].filter((url) => url !== undefined)];
  return [...addresses, ...app.inAppHosts].flatMap((address) => hostOf(address) ?? []);
}

function hostOf(address: string): string | undefined {
  const absolute = /^https?:\/\//.test(address) ? address : `http://${address}`;
  return URL.canParse(absolute) ? new URL(absolute).host : undefined;
}
