import ipaddr from 'ipaddr.js';
import type { Locale } from '../ui/messages.js';
import { MESSAGES } from '../ui/messages.js';

/** Where somebody is there from, as far as an address says it. @param address or, of IPv6, a network */
export function placeName(address: string, locale: Locale): string {
  const words = MESSAGES[locale].portal.device;
  const [host = ''] = address.split('/');
  if (!ipaddr.isValid(host)) return words.unknownPlace;
  const range = ipaddr.process(host).range();
  if (range === 'loopback') return words.thisComputer;
  return LOCAL.has(range) ? words.localNetwork(address) : address;
}

const LOCAL: ReadonlySet<string> = new Set(['private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);
