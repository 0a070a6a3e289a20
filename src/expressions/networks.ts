import ipaddr from 'ipaddr.js';

/** What is wrong with a network, or nothing. An address stands for itself alone. */
export function networkFault(text: string): string | undefined {
  return rangeOf(text) === undefined ? 'is neither an IP address nor a network such as 10.0.0.0/8' : undefined;
}

/**
 * Whether an address is in a network. An IPv4 address that came as an IPv6 one (`::ffff:10.0.0.1`) counts as IPv4.
 * What is no address is in no network.
 *
 * @returns nothing for what is no network
 */
export function isInNetwork(address: string, network: string): boolean | undefined {
  const range = rangeOf(network);
  if (range === undefined) return undefined;
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.kind() === range[0].kind() && parsed.match(range);
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

function rangeOf(text: string): Range | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
