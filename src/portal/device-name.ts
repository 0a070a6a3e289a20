import Bowser from 'bowser';
import type { Locale } from '../ui/messages.js';
import { MESSAGES } from '../ui/messages.js';

/** Characters of a name that a program gave itself. */
const LONGEST_NAME = 40;

/** What a program that gives itself a name only says of itself is made of: its first word. */
const FIRST_WORD = /^[\w.-]+/;

/**
 * The browser and what it runs on, in words. It is what the browser says of itself and no more: good for recognising
 * one's own, and no proof of anything.
 */
export function deviceName(userAgent: string, locale: Locale): string {
  const words = MESSAGES[locale].portal.device;
  if (userAgent.trim() === '') return words.unknown;
  const { browser, os, platform } = Bowser.parse(userAgent);
  // Inside DingTalk the rest of the text speaks of the browser that it is built on.
  const program = /dingtalk/i.test(userAgent) ? words.dingTalk : programName(browser.name, userAgent);
  const system = /harmony/i.test(userAgent) ? 'HarmonyOS' : systemName(os.name, platform.model);
  if (program === undefined) return system ?? words.unknown;
  return system === undefined ? program : words.on(program, system);
}

function programName(name: string | undefined, userAgent: string): string | undefined {
  const known = name === undefined || name === '' ? FIRST_WORD.exec(userAgent)?.[0] : name;
  return known?.slice(0, LONGEST_NAME);
}

/** An iPhone and an iPad are told apart; of other makes the model says nothing to most people. */
function systemName(name: string | undefined, model: string | undefined): string | undefined {
  if (name === 'iOS' && model !== undefined) return model;
  return name === undefined || name === '' ? undefined : name.slice(0, LONGEST_NAME);
}
