import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Provider } from './provider.js';

let server: Server;
let origin: string;
let asked: string[];

/** A provider that calls itself by the name that it gets. */
function named(issuer: () => string): Promise<void> {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(JSON.stringify({ issuer: issuer(), jwks_uri: `${origin}/keys` }));
  });
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => {
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    }),
  );
}

beforeEach(() => {
  asked = [];
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

describe('the issuer of a provider', () => {
  it('may end in a slash, which the address of its metadata leaves out', async () => {
    await named(() => `${origin}/sso/`);
    await Provider.discover({ issuer: `${origin}/sso/`, clientId: 'cli' });
    expect(asked).toEqual(['/sso/.well-known/openid-configuration']);
  });

  it('is another one with a slash than without', async () => {
    await named(() => origin);
    const settings = { issuer: `${origin}/`, clientId: 'cli' };
    await expect(Provider.discover(settings)).rejects.toThrow(`is of the issuer ${origin}, not of ${origin}/.`);
  });
});
