// What was acknowledged, on the disk before the client goes on; and, after the fault, whether all of it still holds.
import { fdatasync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const sync = promisify(fdatasync);

/**
 * @typedef {object} Chain one person's sign-in at one app, and the refreshes after it
 * @property {string} app
 * @property {string} code
 * @property {string} verifier
 * @property {string[]} accessTokens that were answered
 * @property {string[]} refreshTokens that were answered, the newest last
 * @property {Map<string, Set<string>>} successors of each refresh token, as they were answered
 * @property {boolean} revoked its app gave it back, and was told that it is gone
 * @property {boolean} unsure the last answer about it never came
 */

export class Journal {
  #file;
  #lines = [];
  /** @type {Promise<void> | undefined} */
  #writing;
  /** @type {Chain[]} */
  chains = [];

  /** @param {string} path */
  constructor(path) {
    this.#file = openSync(path, 'a');
  }

  /**
   * Resolves when this is on the disk. Many that come at once share one flush.
   * @param {object} entry
   */
  async append(entry) {
    this.#lines.push(JSON.stringify(entry));
    await this.#writing;
    if (this.#lines.length === 0) return;
    this.#writing = this.#flush();
    await this.#writing;
  }

  async #flush() {
    writeSync(this.#file, `${this.#lines.splice(0).join('\n')}\n`);
    await sync(this.#file);
    this.#writing = undefined;
  }

  /** @returns {Chain} */
  begin(app, code, verifier) {
    const chain = {
      app,
      code,
      verifier,
      accessTokens: [],
      refreshTokens: [],
      successors: new Map(),
      revoked: false,
      unsure: false,
    };
    this.chains.push(chain);
    return chain;
  }
}
