import ipaddr from 'ipaddr.js';

/**
 * Checks an address or a network in CIDR form.
 *
 * @throws {Error} whose message completes the sentence "VARIABLE …"
 */
export function parseNetwork(text: string): string {
  const valid = text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
  if (!valid) throw new Error(`holds “${text}”, which is neither an IP address nor a network`);
  return text;
}

/**
 * Checks a destination: a host name, an address, or a network.
 *
 * @throws {Error} whose message completes the sentence "VARIABLE …"
 */
export function parseDestination(text: string): string {
  if (/^[0-9a-f.:]+(\/\d+)?$/i.test(text) && (text.includes('/') || ipaddr.isValid(text))) return parseNetwork(text);
  if (/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(text))
    return text.toLowerCase();
  throw new Error(`holds “${text}”, which is neither a host name nor an IP address nor a network`);
}
