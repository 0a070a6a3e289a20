import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ClinchConfig } from '../config/clinch-config.js';
import { claimsOf, keyIdOf } from './own-token.js';
import type { SigningKeyStore, UsableKey } from './signing-key-store.js';
import { TokenSigningService } from './token-signing.service.js';

const ISSUER = 'https://id.example';
const KEYS = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const CLAIMS = { iss: ISSUER, sub: 's', aud: 'a', iat: now, exp: now + 60 };

/** A key is the same object as long as its row is the same. */
const made = new Map<KeyObject, UsableKey>();
function usable(key: KeyObject): UsableKey {
  const known = made.get(key) ?? { kid: 'k', algorithm: 'RS256', key };
  made.set(key, known);
  return known;
}

/** A service whose one key can be exchanged for another under the same id, as a restore from a backup might. */
function aService() {
  const state: { verifying: KeyObject | undefined } = { verifying: KEYS[0]?.publicKey };
  const keys = {
    current: (algorithm: string) => ({ kid: 'k', algorithm, key: KEYS[0]?.privateKey }),
    verifying: async () => state.verifying && usable(state.verifying),
  };
  const config = { issuer: ISSUER } as ClinchConfig;
  return { state, service: new TokenSigningService(keys as unknown as SigningKeyStore, config) };
}

describe('one of our own tokens', () => {
  it('is good again and again, as long as the key that signed it is', async () => {
    const { state, service } = aService();
    const token = await service.sign('at+jwt', CLAIMS);
    for (let times = 0; times < 3; times++) expect(await service.verify(token, 'at+jwt')).toEqual(CLAIMS);
    state.verifying = KEYS[1]?.publicKey;
    expect(await service.verify(token, 'at+jwt')).toBeUndefined();
    state.verifying = undefined;
    expect(await service.verify(token, 'at+jwt')).toBeUndefined();
  });

  it('is remembered with its signature and not with its time', async () => {
    const { service } = aService();
    const token = await service.sign('at+jwt', { ...CLAIMS, exp: now - 1 });
    expect(await service.verify(token, 'at+jwt', { expired: 'accepted' })).toMatchObject({ sub: 's' });
    expect(await service.verify(token, 'at+jwt')).toBeUndefined();
    expect(await service.verify(token, 'JWT', { expired: 'accepted' })).toBeUndefined();
    expect(await service.verify(token, 'at+jwt', { expired: 'accepted', audience: 'b' })).toBeUndefined();
  });

  it('has one spelling: three parts of canonical base64url', async () => {
    const { service } = aService();
    const token = await service.sign('at+jwt', CLAIMS);
    const last = token.at(-1) ?? '';
    // 256 bytes leave four bits over in the last character: sixteen characters decode to the same bytes.
    const others = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_').filter(
      (each) => each !== last,
    );
    const same = others.filter((other) => {
      const signature = (token.slice(0, -1) + other).split('.')[2] ?? '';
      return Buffer.from(signature, 'base64url').equals(Buffer.from(token.split('.')[2] ?? '', 'base64url'));
    });
    expect(same.length).toBeGreaterThan(0);
    for (const other of same) expect(await service.verify(token.slice(0, -1) + other, 'at+jwt')).toBeUndefined();
    for (const text of [`${token}=`, `${token}.`, `.${token}`, `${token} `, 'a.b', '...', '', `${token}.x`]) {
      expect(await service.verify(text, 'at+jwt'), text.slice(-8)).toBeUndefined();
    }
  });

  it.each([
    ['no sub', { ...CLAIMS, sub: undefined }],
    ['several audiences', { ...CLAIMS, aud: ['a'] }],
    ['an exp that never comes', { ...CLAIMS, exp: '9999999999' }],
    ['no exp', { ...CLAIMS, exp: undefined }],
    ['a list', [CLAIMS]],
    ['null', null],
  ])('says all that every token says: %s', (_, claims) => {
    expect(claimsOf(encode(claims))).toBeUndefined();
  });

  it('takes nothing from a header but the id of a key', () => {
    expect(keyIdOf(encode({ kid: 'k', alg: 'none' }))).toBe('k');
    for (const header of [{}, { kid: 1 }, [], null]) expect(keyIdOf(encode(header))).toBeUndefined();
    expect(keyIdOf('%')).toBeUndefined();
  });
});
