// What a server does not have is left out of the comparison, with a note; what it has and gets wrong is a failure.

/** Thrown by an operation that the server says it does not know. */
export class NotOffered extends Error {}

const UNKNOWN_HERE = new Set([404, 405, 501]);
const ERRORS = /"error"\s*:\s*"(?:unsupported_grant_type|unauthorized_client)"/;

/** @param {import('./http-client.mjs').Answer} answer */
export function isRefusal({ status, body }) {
  return UNKNOWN_HERE.has(status) || (status === 400 && ERRORS.test(body));
}

/**
 * @param {import('../workloads/index.mjs').Needs | undefined} needs
 * @param {import('./virtual-user.mjs').World} world
 * @returns {string | undefined} what the server lacks
 */
export function missingFrom(needs, { metadata, seed }) {
  if (!needs) return undefined;
  const { app, grant, endpoint } = needs;
  if (endpoint && !metadata[endpoint]) return `its discovery document has no ${endpoint}`;
  if (grant && !metadata.grant_types_supported?.includes(grant)) return `its discovery document has no grant ${grant}`;
  return app ? seed.apps[app].refused : undefined;
}
