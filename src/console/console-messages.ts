import type { Locale } from '../ui/messages.js';
import { consoleEn } from './console-messages.en.js';
import { consoleZhCN } from './console-messages.zh-cn.js';

/** Every word of the console. A key that one language lacks does not compile. */
export interface ConsoleMessages {
  readonly frame: {
    readonly console: string;
    readonly parts: string;
    readonly sources: string;
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
}

export const CONSOLE_MESSAGES: Readonly<Record<Locale, ConsoleMessages>> = { 'zh-CN': consoleZhCN, en: consoleEn };
