// What can be measured. Further workloads (client_credentials, refresh, introspection, revocation, device) each get a
// file here and a line below; what they need of the servers goes into lib/settings.mjs and the seeds of targets/.
import { code } from './code.mjs';
import { discovery, jwks } from './documents.mjs';
import { login, loginConsent } from './sign-in.mjs';
import { userinfo } from './userinfo.mjs';

/**
 * @typedef {object} Workload
 * @property {string} title
 * @property {boolean} [brief] measured at the highest concurrency only, for half the time
 * @property {(user: import('../lib/virtual-user.mjs').VirtualUser) => Promise<void>} [prepare] once per user, not measured
 * @property {(user: import('../lib/virtual-user.mjs').VirtualUser) => Promise<void>} run one operation; throws when an answer is wrong
 */

/** @type {Record<string, Workload>} */
export const workloads = { login, login_consent: loginConsent, code, userinfo, discovery, jwks };
