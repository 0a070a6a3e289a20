import type { EventState } from '../dingtalk/events/directory-event.entity.js';
import type { DifferenceKind } from '../dingtalk/directory/findings.js';
import type { RunKind, RunState } from '../dingtalk/directory/sync-run.js';
import type { Locale } from '../ui/messages.js';
import type { AppsMessages } from './console-messages.apps.js';
import { consoleEn } from './console-messages.en.js';
import { consoleZhCN } from './console-messages.zh-cn.js';

/** The settings of a source that are switched on its page. */
export type SourceSwitch =
  | 'enabled'
  | 'browser_sign_in'
  | 'embedded_qr'
  | 'in_app_sign_in'
  | 'callback_events'
  | 'stream_events'
  | 'sync_roles'
  | 'trusted_phone';

/** Every word of the console. A key that one language lacks does not compile. */
export interface ConsoleMessages {
  readonly frame: {
    readonly console: string;
    readonly parts: string;
    readonly sources: string;
    readonly apps: string;
    readonly timeline: string;
    readonly api: string;
    readonly signOut: string;
    readonly actingAs: (clientId: string) => string;
  };
  readonly signIn: {
    readonly title: string;
    readonly lead: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly submit: string;
    readonly errors: Readonly<Record<'invalid' | 'too_many' | 'missing', string>>;
  };
  readonly sources: {
    readonly title: string;
    readonly lead: string;
    readonly none: string;
    readonly connect: string;
    readonly organisation: string;
    readonly corpId: string;
    readonly state: string;
    readonly events: string;
    readonly lastSync: string;
    readonly on: string;
    readonly off: string;
    readonly never: string;
  };
  readonly connect: {
    readonly title: string;
    readonly lead: string;
    readonly name: string;
    readonly corpId: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly addresses: string;
    readonly loginBase: string;
    readonly apiBase: string;
    readonly oapiBase: string;
    readonly submit: string;
  };
  readonly source: {
    readonly settings: string;
    readonly switches: Readonly<Record<SourceSwitch, string>>;
    readonly newPeople: string;
    readonly newPeopleChoices: Readonly<Record<'create' | 'refuse', string>>;
    readonly schedule: string;
    readonly disableLimit: string;
    readonly secret: string;
    readonly secretHint: string;
    readonly save: string;
    readonly saved: string;
    readonly check: string;
    readonly checkLead: string;
    readonly checkNow: string;
    readonly good: string;
    readonly bad: string;
    readonly result: string;
    readonly tried: string;
    readonly toDo: string;
    readonly setup: string;
    readonly setupLead: string;
    readonly keys: string;
    readonly keysLead: string;
    readonly keysSet: string;
    readonly keysMissing: string;
    readonly keysMake: string;
    readonly keysOnce: string;
    readonly sync: string;
    readonly syncLead: string;
    readonly dryRun: string;
    readonly fullRun: string;
    readonly noRuns: string;
    readonly events: string;
    readonly eventsLead: string;
    readonly eventsAll: string;
    readonly mayNotWrite: string;
  };
  readonly run: {
    readonly title: string;
    readonly started: string;
    readonly kind: string;
    readonly state: string;
    readonly by: string;
    readonly kinds: Readonly<Record<RunKind, string>>;
    readonly states: Readonly<Record<RunState, string>>;
    readonly departments: string;
    readonly people: string;
    readonly gone: string;
    readonly applied: string;
    readonly disabled: string;
    readonly problems: string;
    readonly apply: string;
    readonly approve: (people: number) => string;
    readonly cancel: string;
    readonly differences: string;
    readonly noDifferences: string;
    readonly differenceKinds: Readonly<Record<DifferenceKind, string>>;
    readonly errors: string;
    readonly nothing: string;
    readonly what: string;
    readonly key: string;
    readonly name: string;
    readonly changes: string;
    readonly more: string;
    readonly first: string;
  };
  readonly events: {
    readonly title: string;
    readonly lead: string;
    readonly none: string;
    readonly received: string;
    readonly type: string;
    readonly about: string;
    readonly via: string;
    readonly state: string;
    readonly outcome: string;
    readonly retry: string;
    readonly states: Readonly<Record<EventState, string>>;
    readonly channels: string;
    readonly noChannels: string;
    readonly node: string;
    readonly connected: string;
    readonly last: string;
    readonly failures: string;
    readonly more: string;
    readonly first: string;
  };
  readonly apps: AppsMessages;
  readonly timeline: {
    readonly title: string;
    readonly lead: string;
    readonly traceId: string;
    readonly hint: string;
    readonly find: string;
    readonly none: string;
    readonly why: string;
    readonly advice: string;
    readonly thisOne: string;
    readonly states: Readonly<Record<'signed_in' | 'failed' | 'open', string>>;
  };
}

export const CONSOLE_MESSAGES: Readonly<Record<Locale, ConsoleMessages>> = { 'zh-CN': consoleZhCN, en: consoleEn };
