// Clinch as a target: started from dist/, set up through its admin API.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API, APPS, CLIENT_AUTH, PEOPLE, REDIRECT_URI, SCOPE, makePeople } from '../lib/settings.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MAIN = join('dist', 'server', 'main.js');
const AT_ONCE = 4;
const ORDERS = { identifier: API.resource, name: 'Orders', scopes: [{ name: API.scope }] };

/**
 * @param {string} name
 * @param {'pg' | 'sqlite'} storage
 * @returns {import('./index.mjs').Target & {addApp: (issuer: string, name: string, plan: (typeof APPS)[string], fields: object) => Promise<import('./index.mjs').App>}}
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

    async seed(issuer, { most = PEOPLE } = {}) {
      const token = await adminToken(issuer, admin);
      const apps = {};
      for (const [name, plan] of Object.entries(APPS)) apps[name] = await register(issuer, token, name, plan);
      if (apps.web.refused) throw new Error(apps.web.refused);
      const people = makePeople(randomBytes(12).toString('base64url')).slice(0, most);
      for (let i = 0; i < people.length; i += AT_ONCE) {
        await Promise.all(people.slice(i, i + AT_ONCE).map((person) => create(issuer, token, 'users', person)));
      }
      return { apps, people, jwtParameters: {} };
    },

    /** A further app, with fields of its own. */
    addApp: async (issuer, appName, plan, fields) =>
      register(issuer, await adminToken(issuer, admin), appName, plan, fields),
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

/** The gist of problem details, or the start of what it was instead. */
function problemOf(text) {
  try {
    const { title, errors = [] } = JSON.parse(text);
    return [title, ...errors.map(({ field, problem }) => `${field} ${problem}`)].join('; ');
  } catch {
    return text.slice(0, 300);
  }
}

/** An app that the server refuses is not an end to everything: only what needs it is left out. */
async function register(issuer, token, name, { grants, api }, fields = {}) {
  try {
    if (api) await create(issuer, token, 'api-resources', ORDERS);
    const app = await create(issuer, token, 'apps', {
      client_name: `Bench ${name}`,
      grant_types: grants,
      token_endpoint_auth_method: CLIENT_AUTH,
      ...(grants.includes('authorization_code') && { redirect_uris: [REDIRECT_URI] }),
      ...(grants.includes('refresh_token') && { refresh_token_issuance: 'always' }),
      ...(api ? { api_access: [API] } : { scope: SCOPE }),
      ...fields,
    });
    return { id: app.client_id, secret: app.client_secret };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { refused: error.message };
  }
}

/** The server does not want it; anything else that goes wrong is a failure. */
class Refused extends Error {}

async function create(issuer, token, kind, record) {
  const answer = await fetch(`${issuer}/admin/api/v1/${kind}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(record),
  });
  const text = await answer.text();
  if (answer.status !== 201) {
    const Fault = answer.status >= 400 && answer.status < 500 ? Refused : Error;
    throw new Fault(`admin API, POST ${kind}: ${answer.status} ${problemOf(text)}`);
  }
  return JSON.parse(text);
}
