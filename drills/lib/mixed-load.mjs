// Apps and people who go about their business whatever happens to the server: every answer is counted, every token that
// was answered is journaled, and nothing is taken for lost that was never acknowledged.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Browser } from '../../bench/lib/browser.mjs';
import { API, REDIRECT_URI } from '../../bench/lib/settings.mjs';
import { basicOf } from '../../bench/lib/virtual-user.mjs';
import { Client, NoAnswer } from './client.mjs';
import { Journal } from './journal.mjs';

const SCOPE = 'openid profile email';
const REFRESHES = 4;
/** An app goes on with the refresh token that it has for so long; the grace is 10 s. */
const RETRY_MS = 200;
const MAX_TRIES = 300;

export class MixedLoad {
  /** @type {import('./client.mjs').Seen[]} */
  seen = [];
  /** Answers that nobody should get, with the time. @type {Array<{at: number, text: string}>} */
  wrong = [];
  #running = false;
  /** @type {Promise<unknown>[]} */
  #loops = [];
  #clients = [];

  /**
   * @param {import('./drill.mjs').Drill} drill
   * @param {import('./installation.mjs').Installation} installation
   * @param {{actors?: number, pauseMs?: number}} [how]
   */
  constructor(drill, installation, { actors = 8, pauseMs = 20 } = {}) {
    this.installation = installation;
    this.journal = new Journal(`${drill.folder}/journal-${randomBytes(4).toString('hex')}`);
    this.actors = actors;
    this.pauseMs = pauseMs;
  }

  /** Signs everybody in, and begins. */
  async start() {
    this.#running = true;
    const actors = Array.from({ length: this.actors }, (_, index) => new Actor(this, index));
    for (const actor of actors) await actor.signIn();
    this.begunAt = Date.now();
    this.seen.length = 0;
    this.#loops = actors.map((actor) => actor.run());
    this.#clients = actors.map(({ client }) => client);
  }

  get running() {
    return this.#running;
  }

  async stop() {
    this.#running = false;
    await Promise.all(this.#loops);
    this.endedAt = Date.now();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** Requests without a good answer: none at all, or a status of 500 and more. */
  errors(from = 0, to = Infinity) {
    return this.seen.filter(({ at, status }) => at >= from && at < to && (status === 0 || status >= 500));
  }

  /** The errors by what they were, such as `503 on /oidc/token: 12`. */
  errorsByKind() {
    const counts = new Map();
    for (const { status, path } of this.errors()) {
      const kind = `${status === 0 ? 'no answer' : status} on ${path}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return [...counts].map(([kind, count]) => `${kind}: ${count}`).join(', ') || 'none';
  }
}

/** A person with a browser, and the apps that they use. */
class Actor {
  constructor(load, index) {
    const { installation } = load;
    this.load = load;
    this.installation = installation;
    this.client = new Client(installation.issuer, (seen) => load.seen.push(seen));
    this.browser = new Browser(/** @type {any} */ (this.client), installation.issuer);
    this.person = installation.seed.people[index % installation.seed.people.length];
  }

  basic(app) {
    return basicOf(this.installation.seed.apps[app]);
  }

  async signIn() {
    const { code } = await this.authorize('web', this.person);
    if (!code) throw new Error('the sign-in brought no code');
  }

  async run() {
    for (let turn = 0; this.load.running; turn++) {
      try {
        await this.turn(turn);
      } catch (error) {
        // No answer is counted already; 5xx pages come as errors of the browser, and are counted as well.
        const counted = error instanceof NoAnswer || / answered (0|5\d\d)/.test(error.message);
        if (!counted) this.load.wrong.push({ at: Date.now(), text: error.message });
        await sleep(RETRY_MS);
      }
      await sleep(this.load.pauseMs);
    }
  }

  async turn(turn) {
    const app = turn % 4 === 3 ? 'revoke' : 'refresh';
    const { code, verifier } = await this.authorize(app);
    const chain = this.load.journal.begin(app, code, verifier);
    await this.load.journal.append({ code });
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
    const tokens = await this.expect(200, this.client.post('/oidc/token', this.basic(app), form));
    await this.keep(chain, tokens);
    for (let count = 0; count < REFRESHES; count++) {
      await this.refresh(chain);
      await this.credentials();
      await this.look(chain);
    }
    if (app === 'revoke') await this.revoke(chain);
  }

  async authorize(app, person = undefined) {
    const verifier = randomBytes(32).toString('base64url');
    const start = new URL(`${this.installation.issuer}/oidc/authorize`);
    start.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.installation.seed.apps[app].id,
      redirect_uri: REDIRECT_URI,
      scope: SCOPE,
      state: randomBytes(9).toString('base64url'),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString();
    const back = await this.browser.untilBack(start, REDIRECT_URI, person);
    const code = back.get('code');
    // The app is told of a server that cannot go on (RFC 6749 §4.1.2.1), which is an error as a 503 is one.
    if (!code) throw new Error(`authorize answered ${back.get('error') === 'temporarily_unavailable' ? 503 : back}`);
    return { code, verifier };
  }

  async expect(status, sent) {
    const answer = await sent;
    if (answer.status === status) return answer.json;
    throw new Error(`${this.client.authority} answered ${answer.status} ${answer.body.slice(0, 200)}`);
  }

  async keep(chain, { access_token: accessToken, refresh_token: refreshToken }) {
    await this.load.journal.append({ accessToken, refreshToken });
    chain.accessTokens.push(accessToken);
    if (refreshToken !== undefined && refreshToken !== chain.refreshTokens.at(-1))
      chain.refreshTokens.push(refreshToken);
  }

  /** With the token that it has, again and again, as an app does that must not lose its person. */
  async refresh(chain) {
    const token = chain.refreshTokens.at(-1);
    const form = { grant_type: 'refresh_token', refresh_token: token };
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const answer = await this.client.post('/oidc/token', this.basic(chain.app), form).catch((error) => {
        if (!(error instanceof NoAnswer)) throw error;
        return undefined;
      });
      if (answer?.status === 200) {
        const successors = chain.successors.get(token) ?? new Set();
        chain.successors.set(token, successors.add(answer.json.refresh_token));
        return this.keep(chain, answer.json);
      }
      if (answer !== undefined && answer.status < 500) {
        chain.unsure = true;
        throw new Error(`a refresh (try ${tries + 1}) was answered ${answer.status} ${answer.body.slice(0, 200)}`);
      }
      await sleep(RETRY_MS);
    }
    throw new Error(`no answer to a refresh in ${MAX_TRIES} tries`);
  }

  async credentials() {
    const form = { grant_type: 'client_credentials', resource: API.resource, scope: API.scope };
    await this.expect(200, this.client.post('/oidc/token', this.basic('service'), form));
  }

  async look(chain) {
    const bearer = { authorization: `Bearer ${chain.accessTokens.at(-1)}` };
    const answer = await this.client.request('GET', '/oidc/userinfo', bearer);
    if (answer.status !== 200) throw new Error(`userinfo answered ${answer.status} ${answer.body.slice(0, 200)}`);
  }

  async revoke(chain) {
    const form = { token: chain.refreshTokens.at(-1), token_type_hint: 'refresh_token' };
    chain.unsure = true;
    await this.expect(200, this.client.post('/oidc/revoke', this.basic(chain.app), form));
    await this.load.journal.append({ revoked: form.token });
    chain.revoked = true;
    chain.unsure = false;
  }
}
