// Multiplies what is in a PostgreSQL database of Clinch by whole sets: each new row is a copy of one that is there, with
// keys of its own. So it needs no knowledge of the other columns, whatever a later version adds.
import pg from 'pg';

const CHUNK = 250_000;
const YEAR_MS = 365 * 86_400_000;

/** The id of the nth copy, spread over the index as random ids are. {i} is the number. */
const id = (kind) => `substr(translate(encode(sha256(('${kind}' || {i})::bytea), 'base64'), '+/=', '-_'), 1, 22)`;

/** @param {number} i @param {string} kind as SQL computes it */
export async function copiedId(kind, i) {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(`${kind}${i}`).digest('base64url').slice(0, 22);
}

/** A client id may not look like an account's. */
export const copiedClientId = async (template, i) => `grown-${await copiedId(template, i)}`;

/**
 * @typedef {object} Sizes
 * @property {number} people
 * @property {number} apps
 * @property {number} refreshTokens
 */

/**
 * Adds so many rows of each. The copies of an app have its secret, those of a person the password; copies of refresh
 * tokens are rows like any other, but nobody has the tokens.
 * @param {string} url of a database in which at least one person, one app and one refresh token are
 * @param {Sizes} sizes
 * @param {{templates?: string[], say?: (text: string) => void}} [how] the client ids that are copied in turn; all by default
 */
export async function multiply(url, { people, apps, refreshTokens }, { templates, say = () => undefined } = {}) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'");
    const copy = new Copier(client, say);
    const ids = templates ?? (await client.query('SELECT client_id FROM clients')).rows.map((row) => row.client_id);
    const person = `(SELECT id FROM accounts WHERE password_hash IS NOT NULL ORDER BY created_at LIMIT 1)`;
    await copy.rows('accounts', `id = ${person}`, people, {
      id: id('person'),
      username: `'grown' || {i}`,
      username_key: `'grown' || {i}`,
      email: `'grown' || {i} || '@example.com'`,
    });
    for (const template of ids) {
      const clientId = `'grown-' || ${id(template)}`;
      const share = Math.floor(apps / ids.length);
      await copy.rows('clients', `client_id = '${template}'`, share, { client_id: clientId });
      await copy.rows('client_secrets', `client_id = '${template}'`, share, {
        id: id(`secret ${template}`),
        client_id: clientId,
      });
    }
    const family = '(SELECT grant_id FROM refresh_tokens ORDER BY created_at LIMIT 1)';
    await copy.rows('refresh_tokens', `grant_id = ${family}`, refreshTokens, {
      grant_id: id('family'),
      digest: id('digest'),
      account_id: id('person').replace('{i}', `(1 + {i} % ${Math.max(1, people)})`),
      client_id: `'grown-' || ${id(ids[0]).replace('{i}', `(1 + {i} % ${Math.max(1, Math.floor(apps / ids.length))})`)}`,
      session_id: id('session'),
      // They last, so that no purge takes them away while something is measured.
      ends_at: String(Date.now() + YEAR_MS),
      expires_at: String(Date.now() + YEAR_MS),
    });
    say('VACUUM ANALYZE');
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

class Copier {
  #client;
  #say;

  constructor(client, say) {
    this.#client = client;
    this.#say = say;
  }

  /**
   * @param {string} table
   * @param {string} which row is the model, as a condition
   * @param {number} count
   * @param {Record<string, string>} replaced columns that every copy has its own of; {i} is the number of the copy, from 1
   */
  async rows(table, which, count, replaced) {
    const columns = await this.#columnsOf(table);
    // One by one into an index of random keys takes ten times as long as sorting them once.
    const rebuild = count > CHUNK ? await this.#withoutIndexes(table) : async () => undefined;
    const values = columns.map((name) => replaced[name]?.replaceAll('{i}', 'n.i') ?? `t.${name}`);
    const names = columns.map((name) => `"${name}"`).join(', ');
    for (let from = 1; from <= count; from += CHUNK) {
      const to = Math.min(count, from + CHUNK - 1);
      this.#say(`${table}: ${to} of ${count}`);
      await this.#client.query(
        `INSERT INTO ${table} (${names}) SELECT ${values.join(', ')}
         FROM generate_series(${from}, ${to}) AS n (i) CROSS JOIN (SELECT * FROM ${table} WHERE ${which}) AS t`,
      );
    }
    await rebuild();
  }

  /** Drops the indexes of a table, its primary key too. Gives what makes them again. */
  async #withoutIndexes(table) {
    const { rows } = await this.#client.query(
      `SELECT i.relname AS name, pg_get_indexdef(i.oid) AS definition, c.conname, pg_get_constraintdef(c.oid) AS constrained
       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = i.oid
       WHERE x.indrelid = $1::regclass`,
      [table],
    );
    for (const { name, conname } of rows) {
      await this.#client.query(conname ? `ALTER TABLE ${table} DROP CONSTRAINT "${conname}"` : `DROP INDEX "${name}"`);
    }
    return async () => {
      for (const { name, definition, conname, constrained } of rows) {
        this.#say(`${table}: index ${name}`);
        await this.#client.query(
          conname ? `ALTER TABLE ${table} ADD CONSTRAINT "${conname}" ${constrained}` : definition,
        );
      }
    };
  }

  async #columnsOf(table) {
    const { rows } = await this.#client.query(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1
       ORDER BY ordinal_position`,
      [table],
    );
    return rows.map((row) => row.column_name);
  }
}
