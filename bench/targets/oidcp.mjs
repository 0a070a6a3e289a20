// oidc-provider on PostgreSQL as a target.
import { hash } from '@node-rs/argon2';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { API, APPS, ARGON2, CLIENT_AUTH, REDIRECT_URI, SCOPE, makePeople } from '../lib/settings.mjs';
import { SCHEMA } from '../peer/schema.mjs';

const bench = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @param {string} name
 * @param {boolean} prepared with named prepared statements
 * @returns {import('./index.mjs').Target}
 */
export function oidcp(name, prepared) {
  const apps = makeApps();
  const people = makePeople(randomBytes(12).toString('base64url'));
  const database = name.replaceAll('-', '_');
  return {
    name,
    title: `oidc-provider 9.13.3, PostgreSQL${prepared ? ', named prepared statements' : ''}`,
    needsPostgres: true,
    unavailable: () => undefined,
    readyPath: '/.well-known/openid-configuration',

    async prepare({ folder, postgres, port }) {
      await postgres.createDatabase(database);
      await seedAccounts(postgres.url(database), people);
      const setup = join(folder, `${name}.json`);
      writeFileSync(setup, JSON.stringify(makeSetup(apps)), { mode: 0o600 });
      return {
        issuer: `http://127.0.0.1:${port}`,
        args: [join(bench, 'peer', 'server.mjs')],
        cwd: bench,
        env: {
          PEER_ISSUER: `http://127.0.0.1:${port}`,
          PORT: String(port),
          DATABASE_URL: postgres.url(database),
          PEER_SETUP: setup,
          PEER_PREPARED: prepared ? '1' : '0',
        },
      };
    },

    // `resource` makes the access token a signed JWT; for userinfo the token must be without one.
    seed: async () => ({ apps, people, jwtParameters: { resource: API.resource } }),
  };
}

function makeApps() {
  const secret = () => randomBytes(24).toString('base64url');
  return Object.fromEntries(Object.keys(APPS).map((name) => [name, { id: `bench-${name}`, secret: secret() }]));
}

function makeClient(name, { id, secret }) {
  const { grants } = APPS[name];
  const people = grants.includes('authorization_code');
  return {
    client_id: id,
    client_secret: secret,
    redirect_uris: people ? [REDIRECT_URI] : [],
    grant_types: grants,
    response_types: people ? ['code'] : [],
    token_endpoint_auth_method: CLIENT_AUTH,
    scope: SCOPE,
  };
}

function makeSetup(apps) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(8).toString('hex'),
    alg: 'RS256',
    use: 'sig',
  };
  return {
    jwks: { keys: [key] },
    cookieKeys: [randomBytes(24).toString('base64url')],
    resource: API.resource,
    ownGrants: apps.revoke.id,
    clients: Object.entries(apps).map(([name, app]) => makeClient(name, app)),
  };
}

/** Makes the tables and the accounts; the people share a password, so one hash does. */
async function seedAccounts(url, people) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(SCHEMA);
    const digest = await hash(people[0].password, ARGON2);
    for (const { username, name, email } of people) {
      const claims = { name, email, email_verified: true, updated_at: 1_700_000_000 };
      const values = [randomBytes(12).toString('hex'), username, digest, JSON.stringify(claims)];
      await client.query('INSERT INTO account (id, username, password_hash, claims) VALUES ($1, $2, $3, $4)', values);
    }
  } finally {
    await client.end();
  }
}
