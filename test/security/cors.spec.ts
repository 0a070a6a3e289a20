import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, type TestApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl } from '../support/user-agent.js';

const SPA = 'https://spa.example';

function corsOf(response: Response): string[] {
  return [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
}

describe('scripts of other origins (CORS)', () => {
  let clinch: TestClinch;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
    await anApp(clinch, { tokenEndpointAuthMethod: 'none', redirectUris: [`${SPA}/cb`, 'https://app.example/cb'] });
    await anApp(clinch, { tokenEndpointAuthMethod: 'none', redirectUris: ['https://off.example/cb'], enabled: false });
    await anApp(clinch, { redirectUris: ['https://confidential.example/cb'] });
  });
  afterAll(() => clinch.stop());

  const preflight = (path: string, origin: string, method = 'POST', headers?: string) =>
    fetch(clinch.url + path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': method,
        ...(headers === undefined ? {} : { 'Access-Control-Request-Headers': headers }),
      },
    });

  it.each([SPA, 'https://evil.test', 'null'])('CORS-01 keeps all pages to themselves, from %s', async (origin) => {
    const headers = { Origin: origin };
    const pages = [authorizeUrl(clinch.url, app), '/login', '/login?interaction=x', '/consent', '/', '/oidc/authorize'];
    for (const page of pages) {
      const address = new URL(page, clinch.url);
      for (const method of ['GET', 'POST']) {
        const answer = await fetch(address, { method, headers, redirect: 'manual' });
        expect(corsOf(answer), `${method} ${page}`).toEqual([]);
      }
      expect(corsOf(await preflight(address.pathname, origin)), page).toEqual([]);
    }
  });

  it.each(['/oidc/token', '/oidc/userinfo'])(
    'CORS-03 lets a registered app call %s, without credentials',
    async (path) => {
      for (const method of ['POST', 'OPTIONS']) {
        const answer =
          method === 'POST'
            ? await fetch(clinch.url + path, { method, headers: { Origin: SPA } })
            : await preflight(path, SPA, 'POST', 'Authorization, content-type');
        expect(answer.headers.get('access-control-allow-origin')).toBe(SPA);
        expect(answer.headers.get('vary')).toContain('Origin');
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
        if (method === 'OPTIONS') expect(answer.status).toBe(204);
      }
    },
  );

  it.each([
    'null',
    'https://evil.test',
    'https://app.example.evil.test',
    'https://evilapp.example',
    'https://app.example:444',
    'HTTPS://APP.EXAMPLE',
    'https://App.example',
    'http://app.example',
    'https://app.example/',
    'https://app.example/cb',
    'https://app.example.',
    'https://app.example, https://evil.test',
    'https://app.example%00.evil.test',
    'https://user@app.example',
    'https://off.example',
    'https://confidential.example',
  ])('CORS-04 gives nothing to the origin %s', async (origin) => {
    for (const path of ['/oidc/token', '/oidc/userinfo']) {
      const answer = await fetch(clinch.url + path, { method: 'POST', headers: { Origin: origin } });
      expect(corsOf(answer)).toEqual([]);
      expect(corsOf(await preflight(path, origin))).toEqual([]);
    }
  });

  it('CORS-05 keeps the admin API to itself, even for registered apps', async () => {
    const token = await clinch.adminToken();
    for (const path of ['/admin/api/v1/apps', '/admin/api/v1/users', '/admin/openapi.json', '/admin/docs']) {
      for (const origin of [SPA, 'https://evil.test', 'null', clinch.url]) {
        const headers = { Origin: origin, Authorization: `Bearer ${token}` };
        expect(corsOf(await fetch(clinch.url + path, { headers })), `${path} ${origin}`).toEqual([]);
        expect(corsOf(await preflight(path, origin, 'GET', 'authorization')), `${path} ${origin}`).toEqual([]);
      }
    }
  });

  it('CORS-06 grants no preflight for a method or a header that the path does not take', async () => {
    const wrong = [
      await preflight('/oidc/token', SPA, 'GET'),
      await preflight('/oidc/token', SPA, 'DELETE'),
      await preflight('/oidc/token', SPA, 'post'),
      await preflight('/oidc/token', SPA, 'POST', 'x-admin'),
      await preflight('/oidc/token', SPA, 'POST', 'authorization, cookie'),
      await preflight('/oidc/userinfo', SPA, 'PUT'),
      await preflight('/.well-known/openid-configuration', SPA, 'POST'),
    ];
    for (const answer of wrong) {
      expect(corsOf(answer)).toEqual([]);
      expect(answer.status).toBeLessThan(500);
    }
  });

  it('CORS-06 lets anybody read the public documents', async () => {
    for (const path of ['/.well-known/openid-configuration', '/oidc/jwks']) {
      const answer = await fetch(clinch.url + path, { headers: { Origin: 'https://evil.test' } });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});
