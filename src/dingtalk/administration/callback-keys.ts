import { randomInt } from 'node:crypto';

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 43 characters of base64 are 258 bits: of the last one only four count, and some decoders insist that the rest is 0. */
const LAST_OF_AES_KEY = 'AEIMQUYcgkosw048';

/** Fresh keys for the HTTP callback, in DingTalk's forms. */
export function newCallbackKeys(): { readonly token: string; readonly aesKey: string } {
  return { token: random(LETTERS_AND_DIGITS, 32), aesKey: random(LETTERS_AND_DIGITS, 42) + random(LAST_OF_AES_KEY, 1) };
}

function random(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
