import ipaddr from 'ipaddr.js';
import { isIP } from 'node:net';
import type { ClinchConfig } from '../config/clinch-config.js';

/** Where this server may go. */
export type Reach = Pick<ClinchConfig, 'loopback' | 'outboundAllow'>;

/** What IANA has given out for the public internet of IPv6; the rest is for something else, or for nothing yet. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/** Ports of services that are no web servers, beside all below 1024: none of them should ever hear from us. */
const FOREIGN_PORTS = new Set([
  1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 6379, 9042, 9092, 11211, 27017,
]);

/**
 * What is wrong with an address that came with a registration and that Clinch would call. Names are not looked up here:
 * what they lead to is judged at each connection.
 */
export function destinationFault(address: string, reach: Reach): string | undefined {
  const url = new URL(address);
  const isWeb = url.protocol === 'https:' || (url.protocol === 'http:' && reach.loopback);
  if (!isWeb) return 'must use https';
  if (url.username !== '' || url.password !== '') return 'may not hold a user name or a password';
  if (isForeignPort(url)) return 'names a port that is not for the web';
  const host = hostOf(url.hostname);
  const literal = isLocalName(host) ? '127.0.0.1' : host;
  return isIP(literal) === 0 || mayReach(host, literal, reach)
    ? undefined
    : 'is at an address that is not public; the operator can allow it (CLINCH_OUTBOUND_ALLOW)';
}

/** Ports of syslog (RFC 3164, RFC 6587), beside those from 1024 on. */
const SYSLOG_PORTS = new Set([514, 601]);

/** Whether a stream of log messages may go to this port: never to another service, which could take them for commands. */
export function mayStreamTo(port: number): boolean {
  return SYSLOG_PORTS.has(port) || (port >= 1024 && !FOREIGN_PORTS.has(port));
}

/** Whether a connection to this address, for this host, may be made. */
export function mayReach(host: string, address: string, { loopback, outboundAllow }: Reach): boolean {
  const parsed = ipaddr.process(address);
  if (isPublic(parsed) || (loopback && parsed.range() === 'loopback')) return true;
  return outboundAllow.some((allowed) => {
    if (allowed === host) return true;
    if (ipaddr.isValidCIDR(allowed)) {
      const [network, bits] = ipaddr.parseCIDR(allowed);
      return network.kind() === parsed.kind() && parsed.match([network, bits]);
    }
    return ipaddr.isValid(allowed) && ipaddr.process(allowed).toString() === parsed.toString();
  });
}

/** A URL's or a connection's host name as it is compared: without brackets, in lower case. */
export function hostOf(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || address.match(GLOBAL_IPV6));
}

/** RFC 6761 §6.3. */
function isLocalName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}

function isForeignPort({ port }: URL): boolean {
  if (port === '') return false;
  const number = Number(port);
  return (number < 1024 && number !== 80 && number !== 443) || FOREIGN_PORTS.has(number);
}
