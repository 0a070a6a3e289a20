// A person with a browser, by whom codes are had without them being spent.
import { createHash, randomBytes } from 'node:crypto';
import { Browser } from '../../bench/lib/browser.mjs';
import { REDIRECT_URI } from '../../bench/lib/settings.mjs';
import { basicOf } from '../../bench/lib/virtual-user.mjs';
import { Client } from './client.mjs';

export class Visitor {
  /**
   * @param {import('./installation.mjs').Installation} installation
   * @param {number} [index] which of the people it is
   * @param {number} [connections] requests that may be under way at once
   */
  constructor(installation, index = 0, connections = 1) {
    this.installation = installation;
    this.client = new Client(installation.issuer, undefined, connections);
    this.browser = new Browser(/** @type {any} */ (this.client), installation.issuer);
    this.person = installation.seed.people[index % installation.seed.people.length];
  }

  /**
   * A fresh code, and the form that redeems it.
   * @param {string} app
   * @param {Record<string, string>} [extra] parameters of the request
   */
  async code(app, extra = {}) {
    const verifier = randomBytes(32).toString('base64url');
    const back = await this.browser.untilBack(this.request(app, verifier, extra), REDIRECT_URI, this.person);
    const code = back.get('code');
    if (!code) throw new Error(`no code but ${back}`);
    return { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
  }

  request(app, verifier, extra = {}) {
    const start = new URL(`${this.installation.issuer}/oidc/authorize`);
    start.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.installation.seed.apps[app].id,
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email',
      state: randomBytes(9).toString('base64url'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...extra,
    }).toString();
    return start;
  }

  basic(app) {
    return basicOf(this.installation.seed.apps[app]);
  }

  /** Tokens by a code of its own. */
  async tokens(app) {
    const answer = await this.client.post('/oidc/token', this.basic(app), await this.code(app));
    if (answer.status !== 200) throw new Error(`the token endpoint answered ${answer.status} ${answer.body}`);
    return answer.json;
  }

  close() {
    return this.client.close();
  }
}
