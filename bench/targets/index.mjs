// The servers that can be measured. A further one is one more line here.
import { clinch } from './clinch.mjs';
import { oidcp } from './oidcp.mjs';

/**
 * @typedef {object} Launch how to start the server
 * @property {string} issuer
 * @property {string[]} args of node
 * @property {string} cwd
 * @property {Record<string, string>} env
 *
 * @typedef {object} App one of `APPS`, registered
 * @property {string} [id]
 * @property {string} [secret]
 * @property {string} [refused] why the server did not take it; there is no id then
 *
 * @typedef {object} Seed what the load generator needs to know
 * @property {Record<string, App>} apps by the names of `APPS`
 * @property {Array<{username: string, password: string, email: string}>} people
 * @property {Record<string, string>} jwtParameters sent along to get JWT access tokens
 *
 * @typedef {object} Target
 * @property {string} name
 * @property {string} title
 * @property {boolean} needsPostgres
 * @property {() => string | undefined} unavailable why it cannot run
 * @property {string} readyPath answers 200 when the server is ready
 * @property {(given: {folder: string, postgres: import('../lib/postgres.mjs').Postgres, port: number}) => Promise<Launch>} prepare
 * @property {(issuer: string) => Promise<Seed>} seed run once against the running server
 */

/** @type {Record<string, () => Target>} */
const makers = {
  'clinch-pg': () => clinch('clinch-pg', 'pg'),
  'clinch-sqlite': () => clinch('clinch-sqlite', 'sqlite'),
  'oidcp-pg': () => oidcp('oidcp-pg', false),
  'oidcp-pg-prepared': () => oidcp('oidcp-pg-prepared', true),
};

/** @param {string} name */
export const makeTarget = (name) => makers[name]();
