// One virtual user: a connection, a browser, a person, and the app's side of the protocol.
import { createHash, randomBytes } from 'node:crypto';
import { Browser, describe } from './browser.mjs';
import { Connection } from './http-client.mjs';
import { NotOffered, isRefusal } from './offered.mjs';
import { REDIRECT_URI, SCOPE } from './settings.mjs';
import { claimsOf } from './tokens.mjs';

const FORM = 'content-type: application/x-www-form-urlencoded\r\naccept: application/json\r\n';
const CHECK_EVERY = 20;
const random = () => randomBytes(32).toString('base64url');

/** @param {import('../targets/index.mjs').App} app */
export function basicOf({ id, secret }) {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/**
 * @typedef {object} World what all users of one cell share
 * @property {string} issuer
 * @property {any} metadata of discovery
 * @property {import('../targets/index.mjs').Seed} seed
 * @property {import('./tokens.mjs').TokenChecker} checker
 * @property {number} users
 */

export class VirtualUser {
  #issued = 0;
  #signIns = 0;
  #basics = new Map();

  /**
   * @param {number} index
   * @param {World} world
   */
  constructor(index, world) {
    const { hostname, port, origin } = new URL(world.issuer);
    this.index = index;
    this.world = world;
    this.connection = new Connection(hostname, Number(port));
    this.browser = new Browser(this.connection, origin);
    this.#issued = index;
    for (const [name, app] of Object.entries(world.seed.apps)) {
      if (!app.refused) this.#basics.set(name, `authorization: ${basicOf(app)}\r\n`);
    }
    this.tokenPath = new URL(world.metadata.token_endpoint).pathname;
    this.userinfoPath = new URL(world.metadata.userinfo_endpoint).pathname;
  }

  /** The next person in turn, so that no two users of a cell are the same person at once. */
  nextPerson() {
    const { people } = this.world.seed;
    return people[(this.index + this.#signIns++ * this.world.users) % people.length];
  }

  /**
   * Authorization code flow in this user's browser, and the exchange.
   * @param {{person?: {username: string, password: string}, prompt?: string, jwt?: boolean, app?: string}} [how]
   */
  async codeFlow({ person, prompt, jwt = true, app = 'web' } = {}) {
    const { issuer, metadata, seed } = this.world;
    const extra = jwt ? seed.jwtParameters : {};
    const verifier = random();
    const state = random();
    const nonce = random();
    const start = new URL(metadata.authorization_endpoint);
    start.search = new URLSearchParams({
      response_type: 'code',
      client_id: seed.apps[app].id,
      redirect_uri: REDIRECT_URI,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...(prompt && { prompt }),
      ...extra,
    }).toString();
    const back = await this.browser.untilBack(start, REDIRECT_URI, person);
    const code = back.get('code');
    if (!code) throw new Error(`no code but ${back.get('error')}: ${back.get('error_description')}`);
    if (back.get('state') !== state) throw new Error('state came back changed');
    if (back.get('iss') !== issuer) throw new Error('iss is missing or wrong');
    const parameters = { grant_type: 'authorization_code', redirect_uri: REDIRECT_URI, code, code_verifier: verifier };
    return this.tokens(app, { ...parameters, ...extra }, { nonce });
  }

  /**
   * A form from an app to the server, with the app's secret.
   * @param {string} app
   * @param {string} path
   * @param {Record<string, string>} parameters
   */
  postAs(app, path, parameters) {
    const body = new URLSearchParams(parameters).toString();
    return this.connection.request('POST', path, FORM + this.#basics.get(app), body);
  }

  /**
   * The token endpoint's answer where a person is behind it: both tokens, now and then checked in full.
   * @param {string} app
   * @param {Record<string, string>} parameters
   * @param {Record<string, unknown>} [claims] that the id_token must hold
   */
  async tokens(app, parameters, claims = {}) {
    const tokens = await this.anyTokens(app, parameters);
    if (!tokens.id_token) throw new Error('the id_token is missing');
    if (this.#isTurn()) this.#check(tokens, this.world.seed.apps[app].id, claims);
    return tokens;
  }

  /**
   * The same without an id_token.
   * @param {string} app
   * @param {Record<string, string>} parameters
   * @param {Record<string, unknown>} expected claims of the access token
   */
  async tokenForApp(app, parameters, expected) {
    const { access_token: token } = await this.anyTokens(app, parameters);
    const { issuer, checker, seed } = this.world;
    if (this.#isTurn()) checker.check(token, { iss: issuer, client_id: seed.apps[app].id, ...expected });
  }

  async anyTokens(app, parameters) {
    const answer = await this.postAs(app, this.tokenPath, parameters);
    if (isRefusal(answer)) throw new NotOffered(`${this.tokenPath} answered ${describe(answer)}`);
    if (answer.status !== 200) throw new Error(`token endpoint answered ${describe(answer)}`);
    const tokens = JSON.parse(answer.body);
    if (!tokens.access_token) throw new Error('the access_token is missing');
    if (tokens.token_type.toLowerCase() !== 'bearer') throw new Error(`token_type is ${tokens.token_type}`);
    return tokens;
  }

  #isTurn() {
    return this.#issued++ % CHECK_EVERY === 0;
  }

  #check(tokens, clientId, claims) {
    const { issuer, checker } = this.world;
    const { sub } = checker.check(tokens.id_token, { iss: issuer, aud: clientId, ...claims });
    if (tokens.access_token.split('.').length === 3) {
      checker.check(tokens.access_token, { iss: issuer, client_id: clientId, sub });
    }
  }

  /** Signs a person in and keeps an access token that userinfo takes. */
  async obtainToken() {
    this.browser.forget();
    const person = this.nextPerson();
    const tokens = await this.codeFlow({ person, jwt: false });
    this.accessToken = tokens.access_token;
    this.bearer = `authorization: Bearer ${tokens.access_token}\r\naccept: application/json\r\n`;
    this.expected = { sub: claimsOf(tokens.id_token).sub, email: person.email };
  }
}
