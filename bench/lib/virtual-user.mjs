// One virtual user: a connection, a browser, a person, and the app's side of the protocol.
import { createHash, randomBytes } from 'node:crypto';
import { Browser, describe } from './browser.mjs';
import { Connection } from './http-client.mjs';
import { REDIRECT_URI, SCOPE } from './settings.mjs';
import { claimsOf } from './tokens.mjs';

const FORM = 'content-type: application/x-www-form-urlencoded\r\naccept: application/json\r\n';
const CHECK_EVERY = 20;
const random = () => randomBytes(32).toString('base64url');

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
    const { id, secret } = world.seed.client;
    const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
    this.basic = `authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`;
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
   * @param {{person?: {username: string, password: string}, prompt?: string, jwt?: boolean}} [how]
   */
  async codeFlow({ person, prompt, jwt = true } = {}) {
    const { issuer, metadata, seed } = this.world;
    const extra = jwt ? seed.jwtParameters : {};
    const verifier = random();
    const state = random();
    const nonce = random();
    const start = new URL(metadata.authorization_endpoint);
    start.search = new URLSearchParams({
      response_type: 'code',
      client_id: seed.client.id,
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
    return this.#redeem({ code, code_verifier: verifier, ...extra }, nonce);
  }

  async #redeem(parameters, nonce) {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      redirect_uri: REDIRECT_URI,
      ...parameters,
    }).toString();
    const answer = await this.connection.request('POST', this.tokenPath, FORM + this.basic, body);
    if (answer.status !== 200) throw new Error(`token endpoint answered ${describe(answer)}`);
    const tokens = JSON.parse(answer.body);
    if (!tokens.access_token || !tokens.id_token) throw new Error('a token is missing');
    if (tokens.token_type.toLowerCase() !== 'bearer') throw new Error(`token_type is ${tokens.token_type}`);
    if (this.#issued++ % CHECK_EVERY === 0) this.#check(tokens, nonce);
    return tokens;
  }

  #check(tokens, nonce) {
    const { issuer, checker, seed } = this.world;
    const { sub } = checker.check(tokens.id_token, { iss: issuer, aud: seed.client.id, nonce });
    if (tokens.access_token.split('.').length === 3) {
      checker.check(tokens.access_token, { iss: issuer, client_id: seed.client.id, sub });
    }
  }

  /** Signs a person in and keeps an access token that userinfo takes. */
  async obtainToken() {
    this.browser.forget();
    const person = this.nextPerson();
    const tokens = await this.codeFlow({ person, jwt: false });
    this.bearer = `authorization: Bearer ${tokens.access_token}\r\naccept: application/json\r\n`;
    this.expected = { sub: claimsOf(tokens.id_token).sub, email: person.email };
  }
}
