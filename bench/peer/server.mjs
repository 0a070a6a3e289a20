// The peer: oidc-provider on bare node:http with PostgreSQL.
// Environment: PEER_ISSUER, PORT, DATABASE_URL, PEER_SETUP (JSON file: clients, jwks, cookieKeys, resource), PEER_PREPARED.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import pg from 'pg';
import { makeAdapter } from './adapter.mjs';
import { makeConfig } from './config.mjs';
import { makePages } from './pages.mjs';

const { PEER_ISSUER, PORT, DATABASE_URL, PEER_SETUP, PEER_PREPARED } = process.env;
const prepared = PEER_PREPARED === '1';
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const one = async (name, text, value) => {
  const { rows } = await pool.query(prepared ? { name, text, values: [value] } : { text, values: [value] });
  return rows[0];
};

const provider = new Provider(
  PEER_ISSUER,
  makeConfig({
    ...JSON.parse(readFileSync(PEER_SETUP, 'utf8')),
    adapter: makeAdapter(pool, prepared),
    claimsOf: async (id) => (await one('claims', 'SELECT claims FROM account WHERE id = $1', id))?.claims,
  }),
);
provider.on('server_error', (_ctx, error) => console.error(error));

const callback = provider.callback();
const pages = makePages(provider, (username) =>
  one('by_name', 'SELECT id, password_hash FROM account WHERE username = $1', username),
);

const server = createServer((req, res) => {
  if (!req.url.startsWith('/interaction/')) return callback(req, res);
  pages(req, res).catch((error) => {
    console.error(error);
    if (!res.headersSent) res.writeHead(500);
    res.end();
  });
});
await pool.query('SELECT 1');
server.listen(Number(PORT), '127.0.0.1');

process.once('SIGTERM', () => {
  server.close(() => void pool.end());
  server.closeAllConnections();
});
