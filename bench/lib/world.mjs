// What virtual users need to know of the server that they use.
import { TokenChecker } from './tokens.mjs';
import { VirtualUser } from './virtual-user.mjs';

/** @param {string} url */
async function getJson(url) {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

/**
 * @param {{issuer: string, seed: import('../targets/index.mjs').Seed, users: number}} given
 * @returns {Promise<import('./virtual-user.mjs').World>}
 */
export async function makeWorld({ issuer, seed, users }) {
  const metadata = await getJson(`${issuer}/.well-known/openid-configuration`);
  const checker = new TokenChecker(await getJson(metadata.jwks_uri));
  return { issuer, metadata, seed, checker, users };
}

/** @param {import('./virtual-user.mjs').World} world */
export function makeUsers(world) {
  return Array.from({ length: world.users }, (_, index) => new VirtualUser(index, world));
}
