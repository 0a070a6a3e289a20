// What is measured in both databases: what a few apps and people do again and again, and what comes from another one each
// time, so that nothing is still in memory from the time before.
import { clientCredentials } from '../../workloads/client-credentials.mjs';
import { code } from '../../workloads/code.mjs';
import { device } from '../../workloads/device.mjs';
import { refresh } from '../../workloads/refresh.mjs';
import { API } from '../settings.mjs';
import { basicOf } from '../virtual-user.mjs';
import { copiedClientId } from './multiply.mjs';

const FORM = 'content-type: application/x-www-form-urlencoded\r\naccept: application/json\r\n';
const POOL = 200;

/**
 * @typedef {object} State
 * @property {import('../virtual-user.mjs').VirtualUser[]} users
 * @property {any[]} pool
 */

async function post(user, fields, parameters) {
  const body = new URLSearchParams(parameters).toString();
  const answer = await user.connection.request('POST', user.tokenPath, FORM + fields, body);
  if (answer.status !== 200)
    throw new Error(`the token endpoint answered ${answer.status} ${answer.body.slice(0, 200)}`);
  return JSON.parse(answer.body);
}

const grant = { grant_type: 'client_credentials', resource: API.resource, scope: API.scope };

/**
 * Each request is by another app, of all that there are. Told and not judged: a server holds an app in memory for a second,
 * so a hundred of them are all in memory, and what is seen is what reading one costs, in a database of any size.
 */
const anotherApp = {
  judged: false,
  async pool(place, _users, kinds) {
    const { id, secret } = place.world.seed.apps.service;
    const all = Math.floor(place.sizes.apps / kinds);
    const apps = Array.from({ length: 2000 }, () => copiedClientId(id, 1 + Math.floor(Math.random() * all)));
    return (await Promise.all(apps)).map((app) => `authorization: ${basicOf({ id: app, secret })}\r\n`);
  },
  async run(user, { pool }) {
    const fields = pool[Math.floor(Math.random() * pool.length)];
    await post(user, fields, grant);
  },
};

/** Each request is of another family of refresh tokens. */
const anotherFamily = {
  prepare: async (user) => void (await user.codeFlow({ person: user.nextPerson(), app: 'refresh' })),
  async pool(_place, users) {
    const pool = [];
    while (pool.length < POOL) {
      const user = users[pool.length % users.length];
      const { refresh_token: token } = await user.codeFlow({ app: 'refresh' });
      pool.push({ user, token });
    }
    return pool;
  },
  async run(_user, { pool }) {
    const family = pool.shift();
    const { user } = family;
    const { id, secret } = user.world.seed.apps.refresh;
    const form = { grant_type: 'refresh_token', refresh_token: family.token };
    const tokens = await post(_user, `authorization: ${basicOf({ id, secret })}\r\n`, form);
    family.token = tokens.refresh_token;
    pool.push(family);
  },
};

export const GROWTH_WORKLOADS = {
  code,
  refresh,
  client_credentials: clientCredentials,
  device,
  'client_credentials, another app each time': anotherApp,
  'refresh, another family each time': anotherFamily,
};

/** What a workload draws from, made before anything is measured. */
export async function poolOf(workload, place, users, kinds) {
  return workload.pool === undefined ? [] : workload.pool(place, users, kinds);
}
