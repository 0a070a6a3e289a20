// The two databases of the purge drill, filled and looked at past Clinch, while it does not run or beside it.
import { createRequire } from 'node:module';
import { statSync } from 'node:fs';
import pg from 'pg';
import { insertion, KINDS } from './rows.mjs';

// Random, so that the rows that expire together lie all over the index of the primary key, as digests do.
const POSTGRES = {
  rows: (count) => `generate_series(1, ${count}) AS n (i)`,
  key: 'md5(random()::text || i) || substr(md5(i::text), 1, 20)',
};
const SQLITE = {
  rows: (count) =>
    `(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) SELECT i FROM n)`,
  key: 'lower(hex(randomblob(26)))',
};

/**
 * @typedef {object} Fill
 * @property {Array<import('./rows.mjs').Kind & {expired: number}>} kinds
 * @property {number} live rows of each table
 * @property {number} dueAt epoch milliseconds from which on the expired rows are to be deleted
 * @property {number} liveUntil epoch milliseconds
 *
 * @typedef {object} Found
 * @property {number} due rows that are left of those that were to be deleted
 * @property {string} live a digest or a sum over all live rows: the same before and after when none was touched
 * @property {number} mb size on the disk
 */

/** @param {string} url */
export async function openPostgres(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const one = async (sql) => (await client.query(sql)).rows[0];
  return {
    /** @param {Fill} fill */
    async fill({ kinds, live, dueAt, liveUntil }) {
      for (const kind of kinds) {
        await client.query(insertion(kind, 'live', live, String(liveUntil), POSTGRES));
        const expiresAt = `${dueAt - kind.keptFor * 1000} + (i % 2000)`;
        await client.query(insertion(kind, 'due', kind.expired, expiresAt, POSTGRES));
      }
      await client.query('VACUUM ANALYZE');
      await client.query('CHECKPOINT');
    },
    /** @returns {Promise<Found>} */
    async look() {
      let due = 0;
      const live = [];
      let bytes = 0;
      for (const { table, key } of KINDS) {
        const row = await one(
          `SELECT COUNT(*) FILTER (WHERE ${key} LIKE 'drill-due-%')::int AS due, COUNT(*) FILTER (WHERE ${key} LIKE 'drill-live-%') AS live,
             SUM(hashtextextended(t::text, 0)) FILTER (WHERE ${key} LIKE 'drill-live-%') AS digest,
             pg_total_relation_size('${table}')::float AS bytes FROM ${table} t`,
        );
        due += row.due;
        bytes += row.bytes;
        live.push(`${table} ${row.live} ${row.digest}`);
      }
      return { due, live: live.join('\n'), mb: bytes / 2 ** 20 };
    },
    close: () => client.end(),
  };
}

/** @param {string} path */
export async function openSqlite(path) {
  const require = createRequire(new URL('../../../package.json', import.meta.url));
  const Constructor = require('better-sqlite3');
  const database = new Constructor(path, { timeout: 10_000 });
  database.pragma('synchronous = NORMAL');
  return {
    /** @param {Fill} fill */
    async fill({ kinds, live, dueAt, liveUntil }) {
      for (const kind of kinds) {
        database.exec(insertion(kind, 'live', live, String(liveUntil), SQLITE));
        database.exec(insertion(kind, 'due', kind.expired, `${dueAt - kind.keptFor * 1000} + (i % 2000)`, SQLITE));
      }
      database.pragma('wal_checkpoint(TRUNCATE)');
    },
    /** @returns {Promise<Found>} */
    async look() {
      let due = 0;
      const live = [];
      for (const { table, key, columns } of KINDS) {
        const all = [key, 'expires_at', ...Object.keys(columns)].map((name) => `length(${name})`).join(' + ');
        const row = database
          .prepare(
            `SELECT COUNT(*) FILTER (WHERE ${key} LIKE 'drill-due-%') AS due, COUNT(*) FILTER (WHERE ${key} LIKE 'drill-live-%') AS live,
               SUM(expires_at + ${all}) FILTER (WHERE ${key} LIKE 'drill-live-%') AS sum FROM ${table}`,
          )
          .get();
        due += row.due;
        live.push(`${table} ${row.live} ${row.sum}`);
      }
      return { due, live: live.join('\n'), mb: statSync(path).size / 2 ** 20 };
    },
    close: async () => void database.close(),
  };
}
