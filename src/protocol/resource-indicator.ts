/** Characters; a longer one fits into no column and no token. */
export const LONGEST_RESOURCE = 500;

/** RFC 8141 §2: a namespace identifier, and something in it. */
const URN = /^urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:./i;

/** RFC 3986 §3: a scheme and an authority. */
const WITH_AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i;

/**
 * What is wrong with a text as a resource indicator (RFC 8707 §2): it MUST be an absolute URI without a fragment. It
 * is compared byte for byte and never called. A scheme without an authority (`javascript:`, `data:`) names no API.
 *
 * @returns completes the sentence "FIELD …"; undefined when it is a good one
 */
export function resourceFault(text: string): string | undefined {
  if (text.length > LONGEST_RESOURCE) return `may have at most ${LONGEST_RESOURCE} characters`;
  if (!/^[\x21-\x7e]+$/.test(text)) return 'may hold printable ASCII only, without spaces';
  if (/[\\"<>^`{|}]/.test(text)) return 'holds a character that no URI has';
  if (text.includes('#')) return 'may not hold a fragment';
  if (URN.test(text)) return undefined;
  if (!WITH_AUTHORITY.test(text)) return 'must be an absolute URI, such as https://api.example.com or urn:example:api';
  return /^https?:/i.test(text) && !URL.canParse(text) ? 'is not an address' : undefined;
}
