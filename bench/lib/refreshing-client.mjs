// An app that keeps a person signed in by refreshing, over connections on which answers get lost.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { basicOf } from './virtual-user.mjs';

const RETRY_MS = 200;
const MAX_TRIES = 20;

/** The connection ended without an answer. */
class AnswerLost extends Error {}

/**
 * @param {number} port
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {string} body
 * @returns {Promise<{status: number, body: string}>}
 */
function post(port, path, headers, body) {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, method: 'POST', path, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => (text += part));
      answer.once('end', () => resolve({ status: answer.statusCode, body: text }));
      answer.once('error', (error) => reject(new AnswerLost(error.message)));
    });
    req.once('error', (error) => reject(new AnswerLost(error.message)));
    req.setTimeout(20_000, () => req.destroy(new Error('no answer within 20 s')));
    req.end(body);
  });
}

export class RefreshingClient {
  #user;
  #app;
  #port;
  #token = '';

  /**
   * @param {import('./virtual-user.mjs').VirtualUser} user signs in without the proxy
   * @param {string} app one that gets refresh tokens
   * @param {number} port of the proxy
   */
  constructor(user, app, port) {
    this.#user = user;
    this.#app = app;
    this.#port = port;
  }

  async signIn() {
    this.#user.browser.forget();
    const tokens = await this.#user.codeFlow({ person: this.#user.nextPerson(), app: this.#app });
    if (!tokens.refresh_token) throw new Error('the sign-in gave no refresh token');
    this.#token = tokens.refresh_token;
  }

  /**
   * Refreshes once, with the same token again for as long as no answer comes.
   * @returns {Promise<boolean>} false: the server takes the token no more, the person is signed out
   */
  async refresh() {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      try {
        return await this.#tryOnce();
      } catch (error) {
        if (!(error instanceof AnswerLost)) throw error;
        await sleep(RETRY_MS);
      }
    }
    throw new Error(`no answer in ${MAX_TRIES} tries`);
  }

  async #tryOnce() {
    const { world, tokenPath, connection } = this.#user;
    const headers = {
      host: connection.authority,
      authorization: basicOf(world.seed.apps[this.#app]),
      'content-type': 'application/x-www-form-urlencoded',
    };
    const parameters = { grant_type: 'refresh_token', refresh_token: this.#token, ...world.seed.jwtParameters };
    const { status, body } = await post(this.#port, tokenPath, headers, new URLSearchParams(parameters).toString());
    const { error, refresh_token: next } = JSON.parse(body);
    if (status === 400 && error === 'invalid_grant') return false;
    if (status !== 200 || !next) throw new Error(`the token endpoint answered ${status} ${error ?? ''}`);
    this.#token = next;
    return true;
  }
}
