// The drill's own HTTP client. It never sends a request twice, and tells every answer, or that there was none.
import { Pool } from 'undici';

/** The connection ended without an answer, or none came in time. */
export class NoAnswer extends Error {}

const TIMEOUT_MS = 30_000;

/**
 * @typedef {object} Seen one request and what came of it
 * @property {number} at epoch milliseconds when it was sent
 * @property {number} ms
 * @property {number} status 0 without an answer
 * @property {string} path
 * @property {boolean} retryAfter
 */

/** Speaks as the bench's Connection does, so that its browser and its virtual users can be sent through it. */
export class Client {
  #pool;

  /**
   * @param {string} origin
   * @param {(seen: Seen) => void} [observe]
   * @param {number} [connections]
   */
  constructor(origin, observe = () => undefined, connections = 1) {
    this.origin = origin;
    this.authority = new URL(origin).host;
    this.observe = observe;
    const timeouts = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS, connectTimeout: 5_000 };
    this.#pool = new Pool(origin, { connections, pipelining: 1, ...timeouts });
    this.sent = 0;
    /** Headers that every request has besides. @type {() => Record<string, string>} */
    this.besides = () => ({});
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string | Record<string, string>} [fields] header lines, each ended by CRLF, or an object
   * @param {string} [body]
   * @returns {Promise<import('../../bench/lib/http-client.mjs').Answer>}
   */
  async request(method, path, fields = '', body = undefined) {
    const headers = { ...(typeof fields === 'string' ? fieldsOf(fields) : fields), ...this.besides() };
    const at = Date.now();
    const begun = performance.now();
    this.sent++;
    const tell = (status, retryAfter) =>
      this.observe({ at, ms: performance.now() - begun, status, path: path.split('?')[0], retryAfter });
    try {
      const answer = await this.#pool.request({ method: /** @type {any} */ (method), path, headers, body });
      const text = await answer.body.text();
      tell(answer.statusCode, answer.headers['retry-after'] !== undefined);
      return {
        status: answer.statusCode,
        headers: /** @type {any} */ (answer.headers),
        cookies: cookiesOf(answer),
        body: text,
      };
    } catch (error) {
      tell(0, false);
      throw new NoAnswer(`${method} ${path.split('?')[0]}: ${error.code ?? error.message}`, { cause: error });
    }
  }

  /**
   * A form, by an app that authenticates with its secret.
   * @param {string} path
   * @param {string | undefined} basic
   * @param {Record<string, string>} form
   */
  async post(path, basic, form) {
    const type = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const headers = basic === undefined ? type : { ...type, authorization: basic };
    const answer = await this.request('POST', path, headers, new URLSearchParams(form).toString());
    return { ...answer, json: parsed(answer.body) };
  }

  close() {
    return this.#pool.destroy();
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function fieldsOf(lines) {
  return Object.fromEntries(
    lines
      .split('\r\n')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

function cookiesOf(answer) {
  const cookies = answer.headers['set-cookie'] ?? [];
  return Array.isArray(cookies) ? cookies : [cookies];
}
