import { Cron } from 'croner';
import ipaddr from 'ipaddr.js';
import { MAPPED_CLAIMS, RECORD_FIELDS } from '../people/profile-mapping.js';

/** Entries of a mapping, and fields that one of them may come from. */
const LONGEST_MAPPING = 50;
const MOST_FIELDS = 10;

/** It stands in addresses. */
export function slugFault(text: string): string | undefined {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text)
    ? undefined
    : 'must be 1 to 40 lower-case letters, digits and hyphens, with no hyphen at either end';
}

/** A CorpId or a Client ID. */
export function dingTalkIdFault(text: string): string | undefined {
  return /^[A-Za-z0-9_-]+$/.test(text) ? undefined : 'must be letters, digits, hyphens and underscores';
}

/** What is copied from the console often brings a space or a line end along. */
export function clientSecretFault(value: unknown): string | undefined {
  return typeof value !== 'string' || /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : 'may hold printable ASCII only, without spaces';
}

export function callbackTokenFault(value: unknown): string | undefined {
  return typeof value !== 'string' || /^[A-Za-z0-9]{3,32}$/.test(value)
    ? undefined
    : 'must be 3 to 32 letters or digits';
}

export function aesKeyFault(value: unknown): string | undefined {
  return typeof value !== 'string' || /^[A-Za-z0-9]{43}$/.test(value) ? undefined : 'must be 43 letters or digits';
}

export function networkFault(text: string): string | undefined {
  const isNetwork = text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
  return isNetwork ? undefined : 'may hold IP addresses and networks only, such as 203.119.0.0/16';
}

/** What comes after it is DingTalk's. Where it leads is judged with the whole. */
export function baseUrlFault(text: string): string | undefined {
  if (!URL.canParse(text) || !/^https?:\/\//.test(text)) return 'must be an address, such as https://api.dingtalk.com';
  const { search, hash } = new URL(text);
  return search !== '' || hash !== '' || /[?#\s]/.test(text) ? 'may have neither query nor fragment' : undefined;
}

/** Five fields: with seconds, a sync could be due every second. */
export function scheduleFault(text: string): string | undefined {
  if (text.trim().split(/\s+/).length !== 5) return 'must be a cron expression of five fields, such as 17 3 * * *';
  try {
    return new Cron(text, { paused: true }).nextRun() === null ? 'names a time that never comes' : undefined;
  } catch {
    return 'is no cron expression; one is 17 3 * * *, for every night at 3:17';
  }
}

/** Claims that exist, from fields that exist. */
export function mappingFault(mapping: object): string | undefined {
  const entries = Object.entries(mapping);
  if (entries.length > LONGEST_MAPPING) return `may have at most ${LONGEST_MAPPING} entries`;
  return entries.map(([claim, fields]) => entryFault(claim, fields)).find((fault) => fault !== undefined);
}

function entryFault(claim: string, fields: unknown): string | undefined {
  const named = claim.slice(0, 100);
  if (!MAPPED_CLAIMS.includes(claim) && !/^custom\.[A-Za-z0-9_-]{1,64}$/.test(claim)) {
    return `names “${named}”, which is no claim; there are ${MAPPED_CLAIMS.join(', ')}, and custom.NAME`;
  }
  if (!Array.isArray(fields) || fields.length === 0 || fields.length > MOST_FIELDS) {
    return `must give for ${named} a list of 1 to ${MOST_FIELDS} fields`;
  }
  const odd: unknown = (fields as unknown[]).find((field) => !isField(field));
  if (odd === undefined) return undefined;
  const words = typeof odd === 'string' ? `“${odd.slice(0, 100)}”` : 'something';
  return `has for ${named} ${words}, which is no field; there are ${RECORD_FIELDS.join(', ')}, and extension.NAME`;
}

function isField(field: unknown): boolean {
  if (typeof field !== 'string') return false;
  return RECORD_FIELDS.includes(field) || /^extension\.[^\p{Cc}]{1,100}$/u.test(field);
}
