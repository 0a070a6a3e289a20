import { newOpaqueToken } from '../protocol/opaque-token.js';
import type { ClientEntity } from './client.entity.js';

/** What secret scanners look for. */
export const CLIENT_SECRET_PREFIX = 'clinch_cs_';

/** The purpose under which the keyring digests client secrets. */
export const CLIENT_SECRET_PURPOSE = 'client-secret';

/** 256 random bits behind the prefix: such a secret needs no slow hash, only one that cannot be turned round. */
export function newClientSecret(): string {
  return newOpaqueToken(CLIENT_SECRET_PREFIX);
}

/** RFC 6749 §2.3.1: whether the app authenticates by a secret. */
export function usesSecret({ tokenEndpointAuthMethod }: Pick<ClientEntity, 'tokenEndpointAuthMethod'>): boolean {
  return tokenEndpointAuthMethod === 'client_secret_basic' || tokenEndpointAuthMethod === 'client_secret_post';
}
