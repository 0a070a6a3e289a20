// Clinch as a target: started from dist/, set up through its admin API.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT_AUTH, GRANT_TYPES, REDIRECT_URI, SCOPE, makePeople } from '../lib/settings.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MAIN = join('dist', 'server', 'main.js');
const AT_ONCE = 4;

/**
 * @param {string} name
 * @param {'pg' | 'sqlite'} storage
 * @returns {import('./index.mjs').Target}
 */
export function clinch(name, storage) {
  const admin = { id: 'bench-admin', secret: randomBytes(32).toString('base64url') };
  const masterKey = randomBytes(32).toString('base64');
  return {
    name,
    title: `Clinch, ${storage === 'pg' ? 'PostgreSQL' : 'SQLite'}`,
    needsPostgres: storage === 'pg',
    unavailable: () => (existsSync(join(root, MAIN)) ? undefined : `${MAIN} is missing: run \`npm run build\` first`),
    readyPath: '/readyz',

    async prepare({ folder, postgres, port }) {
      if (storage === 'pg') await postgres.createDatabase('clinch');
      const issuer = `http://127.0.0.1:${port}`;
      return {
        issuer,
        args: [MAIN],
        cwd: root,
        env: {
          CLINCH_ISSUER: issuer,
          HOST: '127.0.0.1',
          PORT: String(port),
          DATABASE_URL: storage === 'pg' ? postgres.url('clinch') : `sqlite:${join(folder, 'clinch.db')}`,
          CLINCH_MASTER_KEY: masterKey,
          CLINCH_ADMIN_CLIENT_ID: admin.id,
          CLINCH_ADMIN_CLIENT_SECRET: admin.secret,
          CLINCH_LOG_LEVEL: 'warn',
        },
      };
    },

    async seed(issuer) {
      const token = await adminToken(issuer, admin);
      const app = await create(issuer, token, 'apps', {
        client_name: 'Bench',
        redirect_uris: [REDIRECT_URI],
        grant_types: GRANT_TYPES,
        token_endpoint_auth_method: CLIENT_AUTH,
        scope: SCOPE,
      });
      const people = makePeople(randomBytes(12).toString('base64url'));
      for (let i = 0; i < people.length; i += AT_ONCE) {
        await Promise.all(people.slice(i, i + AT_ONCE).map((person) => create(issuer, token, 'users', person)));
      }
      return { client: { id: app.client_id, secret: app.client_secret }, people, jwtParameters: {} };
    },
  };
}

async function adminToken(issuer, { id, secret }) {
  const answer = await fetch(`${issuer}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`no admin token: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text).access_token;
}

async function create(issuer, token, kind, record) {
  const answer = await fetch(`${issuer}/admin/api/v1/${kind}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(record),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`admin API, POST ${kind}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
