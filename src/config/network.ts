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
