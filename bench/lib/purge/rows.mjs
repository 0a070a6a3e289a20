// What the purge drill puts into the database: per table the SQL of one row, and how long the table keeps its rows.

/**
 * @typedef {object} Kind of table
 * @property {string} table
 * @property {string} key the primary key
 * @property {number} share of the expired rows
 * @property {number} keptFor seconds after expires_at, as the entities declare it
 * @property {Record<string, string>} columns SQL expressions; {key} is a text of 63 characters at most that no other row has
 */

const REQUEST = JSON.stringify({
  clientId: 'a-client-of-the-drill',
  redirectUri: 'https://app.example/cb',
  scope: ['openid', 'profile', 'email'],
  state: 's'.repeat(43),
  nonce: 'n'.repeat(43),
  codeChallenge: 'c'.repeat(43),
  codeChallengeMethod: 'S256',
  responseMode: 'query',
  requestedClaims: { idToken: [], userinfo: [] },
});

const WHO = { client_id: "'a-client-of-the-drill'", account_id: "'an-account-of-the-drill'" };
const HOW = { auth_time: '1', acr: "'urn:drill'", amr: "'pwd'" };

/** @type {Kind[]} */
export const KINDS = [
  {
    table: 'refresh_tokens',
    key: 'grant_id',
    share: 0.3,
    keptFor: 0,
    columns: {
      ...WHO,
      ...HOW,
      scope: "'openid offline_access'",
      generation: '3',
      digest: '{key}',
      created_at: '1',
      ends_at: '1',
    },
  },
  {
    table: 'authorization_codes',
    key: 'digest',
    share: 0.3,
    keptFor: 86_460,
    columns: {
      ...WHO,
      ...HOW,
      grant_id: '{key}',
      session_id: '{key}',
      redirect_uri: "'https://app.example/cb'",
      code_challenge: '{key}',
      code_challenge_method: "'S256'",
      scope: "'openid profile email'",
      nonce: '{key}',
    },
  },
  {
    table: 'interactions',
    key: 'digest',
    share: 0.15,
    keptFor: 0,
    columns: { client_id: WHO.client_id, browser_digest: '{key}', request: `'${REQUEST}'`, created_at: '1' },
  },
  { table: 'revoked_tokens', key: 'id', share: 0.1, keptFor: 60, columns: {} },
  {
    table: 'device_codes',
    key: 'digest',
    share: 0.05,
    keptFor: 3_600,
    columns: {
      client_id: WHO.client_id,
      user_code_digest: '{key}',
      scope: "'openid'",
      address: "'192.0.2.1'",
      created_at: '1',
      poll_interval: '5',
      grant_id: '{key}',
    },
  },
  {
    table: 'sessions',
    key: 'id',
    share: 0.05,
    keptFor: 0,
    columns: { ...HOW, account_id: WHO.account_id, digest: '{key}', idle_expires_at: '1' },
  },
  { table: 'used_assertions', key: 'digest', share: 0.05, keptFor: 60, columns: {} },
];

/** @param {number} expired */
export function portions(expired) {
  return KINDS.map((kind) => ({ ...kind, expired: Math.round(expired * kind.share) }));
}

/**
 * An INSERT of many rows by one statement.
 * @param {Kind} kind
 * @param {'live' | 'due'} name stands in the keys, by which the rows are known among those of the requests
 * @param {number} count
 * @param {string} expiresAt an SQL expression, epoch milliseconds
 * @param {{rows: (count: number) => string, key: string}} dialect
 */
export function insertion(kind, name, count, expiresAt, dialect) {
  const key = `'drill-${name}-' || ${dialect.key}`;
  const columns = { ...kind.columns, [kind.key]: '{key}', expires_at: expiresAt };
  const values = Object.values(columns).map((value) => value.replaceAll('{key}', `(${key})`));
  return `INSERT INTO ${kind.table} (${Object.keys(columns).join(', ')}) SELECT ${values.join(', ')} FROM ${dialect.rows(count)}`;
}
