// What can be measured. What workloads need of the servers is in lib/settings.mjs (`APPS`) and the seeds of targets/.
import { clientCredentials } from './client-credentials.mjs';
import { code } from './code.mjs';
import { device } from './device.mjs';
import { discovery, jwks } from './documents.mjs';
import { introspect } from './introspect.mjs';
import { refresh } from './refresh.mjs';
import { revoke } from './revoke.mjs';
import { login, loginConsent } from './sign-in.mjs';
import { userinfo } from './userinfo.mjs';

/**
 * @typedef {object} Needs a server without them is left out, with a note
 * @property {string} [app] one of `APPS`
 * @property {string} [grant]
 * @property {string} [endpoint] its name in the discovery document
 *
 * @typedef {import('../lib/virtual-user.mjs').VirtualUser} User
 *
 * @typedef {object} Workload
 * @property {string} title
 * @property {Needs} [needs]
 * @property {boolean} [brief] measured at the highest concurrency only, for half the time
 * @property {(user: User) => Promise<void>} [prepare] once per user, not measured
 * @property {(user: User) => Promise<string>} [mint] makes what one operation uses up, not measured; `prepare` is then done
 *   by the users who mint
 * @property {(user: User, item?: string) => Promise<void>} run one operation; throws when an answer is wrong
 * @property {(user: User, item: string) => Promise<void>} [proof] that an item is used up, not measured
 */

/** @type {Record<string, Workload>} */
export const workloads = {
  login,
  login_consent: loginConsent,
  code,
  refresh,
  client_credentials: clientCredentials,
  userinfo,
  introspect,
  revoke,
  device,
  discovery,
  jwks,
};
