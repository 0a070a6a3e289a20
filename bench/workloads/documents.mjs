// The two public documents.
import { describe } from '../lib/browser.mjs';

const ACCEPT = 'accept: application/json\r\n';

async function get(user, path, mark) {
  const answer = await user.connection.request('GET', path, ACCEPT);
  if (answer.status !== 200 || !answer.body.includes(mark)) throw new Error(`${path} answered ${describe(answer)}`);
}

/** @type {import('./index.mjs').Workload} */
export const discovery = {
  title: 'discovery document',
  brief: true,
  run: (user) => get(user, '/.well-known/openid-configuration', '"token_endpoint"'),
};

/** @type {import('./index.mjs').Workload} */
export const jwks = {
  title: 'JWKS',
  brief: true,
  run: (user) => get(user, new URL(user.world.metadata.jwks_uri).pathname, '"keys"'),
};
