import { randomInt } from 'node:crypto';

/** RFC 8628 §6.1: letters without vowels make no words; 20^8 codes are 34.5 bits. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;

/** Characters; what is longer is nobody's typing, and is not looked at. */
const LONGEST_INPUT = 100;

/**
 * What people and their keyboards put between letters: blanks and line ends; dashes of any kind, the minus sign, and the
 * long-vowel mark that sits on the same key; and the invisible characters that come along when a code is copied.
 */
const BETWEEN = /[\s\p{Pd}\p{Cf}\u2212\u2043\u30fc]/gu;

const USER_CODE = new RegExp(`^[${LETTERS}]{${LENGTH}}$`);

/** @returns eight letters, each of the twenty as likely as the others */
export function newUserCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** As people read it: two groups of four. */
export function shownUserCode(userCode: string): string {
  return `${userCode.slice(0, LENGTH / 2)}-${userCode.slice(LENGTH / 2)}`;
}

/**
 * RFC 8628 §6.1: upper and lower case are the same, and so is every way to write the dash.
 *
 * @param typed as it came with a form or an address
 * @returns the eight letters, or undefined when it cannot be a code
 */
export function readUserCode(typed: string): string | undefined {
  if (typed.length > LONGEST_INPUT) return undefined;
  const letters = typed.normalize('NFKC').replace(BETWEEN, '');
  // Letter by letter: in the language of the machine, or of Unicode, other letters have these as their capitals.
  const capitals = letters.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  return USER_CODE.test(capitals) ? capitals : undefined;
}
