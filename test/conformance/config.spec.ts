import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { expectHttpsAddresses, expectProviderMetadata, expectPublicKeys, listOf } from './support/metadata.js';
import type { JsonObject } from './support/provider.js';

const ISSUER = 'https://login.example.com';

describe('oidcc-config-certification-test-plan', () => {
  let clinch: TestClinch;
  let metadata: JsonObject;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_ISSUER: ISSUER, CLINCH_TRUST_PROXY: '127.0.0.1' });
    metadata = (await (await behindProxy(`${ISSUER}/.well-known/openid-configuration`)).json()) as JsonObject;
  });
  afterAll(() => clinch.stop());

  /** Asks an address of the issuer as the proxy does that ends TLS in front of the server. */
  function behindProxy(address: string): Promise<Response> {
    expect(address.startsWith(`${ISSUER}/`)).toBe(true);
    const url = clinch.url + address.slice(ISSUER.length);
    return fetch(url, { redirect: 'manual', headers: { 'X-Forwarded-Proto': 'https' } });
  }

  it('oidcc-discovery-endpoint-verification: answers at the well-known address with JSON', async () => {
    const response = await behindProxy(`${ISSUER}/.well-known/openid-configuration`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json(; charset=utf-8)?$/);
  });

  it('oidcc-discovery-endpoint-verification: names the issuer that it was asked for, and fits the schema', () => {
    expectProviderMetadata(metadata, ISSUER);
  });

  it('oidcc-discovery-endpoint-verification: names https addresses only', () => {
    expectHttpsAddresses(metadata);
  });

  it('oidcc-discovery-endpoint-verification: publishes keys, all of them public, each with a kid of its own', async () => {
    const response = await behindProxy(String(metadata['jwks_uri']));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/(jwk-set\+)?json(; charset=utf-8)?$/);
    expectPublicKeys((await response.json()) as JsonObject);
  });

  it('oidcc-discovery-endpoint-verification: offers what it does, and nothing else', async () => {
    expect(listOf(metadata, 'response_types_supported')).toEqual(['code']);
    expect(listOf(metadata, 'response_modes_supported')).toEqual(expect.arrayContaining(['query', 'form_post']));
    expect(listOf(metadata, 'grant_types_supported')).toContain('authorization_code');
    expect(listOf(metadata, 'subject_types_supported')).toEqual(['public', 'pairwise']);
    expect(listOf(metadata, 'code_challenge_methods_supported')).toEqual(['S256']);
    const endpoints = Object.keys(metadata).filter((name) => name.endsWith('_endpoint'));
    expect(endpoints).toContain('end_session_endpoint');
    for (const name of endpoints) {
      const { status } = await behindProxy(String(metadata[name]));
      // Without parameters, without a token, or by the wrong method: but there is somebody who says so. Signing out needs
      // no parameters.
      expect(name === 'end_session_endpoint' ? [200] : [400, 401, 405], name).toContain(status);
    }
  });
});
