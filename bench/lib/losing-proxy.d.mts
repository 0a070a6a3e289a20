/** A proxy on loopback that passes every request on, and throws this share of the answers away with their connection. */
export function startLosingProxy(
  issuer: string,
  share: number,
  random?: () => number,
): Promise<{ port: number; lost: () => number; close: () => void }>;
