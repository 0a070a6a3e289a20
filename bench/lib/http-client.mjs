// A small HTTP/1.1 client over one keep-alive socket, one request at a time: cheap enough for a load generator.
import { connect } from 'node:net';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const CRLF = Buffer.from('\r\n');
const EMPTY = Buffer.alloc(0);
const TIMEOUT_MS = 20_000;

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string>} headers lower-case names
 * @property {string[]} cookies the Set-Cookie fields
 * @property {string} body
 */

/** Splits a head into status and fields. */
function parseHead(text) {
  const lines = text.split('\r\n');
  /** @type {Record<string, string>} */
  const headers = {};
  const cookies = [];
  for (let i = 1; i < lines.length; i++) {
    const colon = lines[i].indexOf(':');
    const name = lines[i].slice(0, colon).toLowerCase();
    const value = lines[i].slice(colon + 1).trim();
    if (name === 'set-cookie') cookies.push(value);
    else headers[name] = value;
  }
  return { status: Number(lines[0].slice(9, 12)), headers, cookies };
}

/** Reads a chunked body; null while it is not complete. */
function readChunks(buffer, start) {
  const parts = [];
  let at = start;
  for (;;) {
    const eol = buffer.indexOf(CRLF, at);
    if (eol < 0) return null;
    const size = Number.parseInt(buffer.latin1Slice(at, eol), 16);
    const data = eol + 2;
    if (buffer.length < data + size + 2) return null;
    if (size === 0) return { body: Buffer.concat(parts), end: data + 2 };
    parts.push(buffer.subarray(data, data + size));
    at = data + size + 2;
  }
}

export class Connection {
  #host;
  #port;
  #socket = null;
  #buffer = EMPTY;
  #head = null;
  #bodyAt = 0;
  #waiting = null;
  #used = false;
  /** Requests so far. */
  sent = 0;

  /**
   * @param {string} host
   * @param {number} port
   */
  constructor(host, port) {
    this.#host = host;
    this.#port = port;
    this.authority = `${host}:${port}`;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string} [fields] further header lines, each ended by CRLF
   * @param {string} [body]
   * @returns {Promise<Answer>}
   */
  request(method, path, fields = '', body = undefined) {
    const length = body === undefined ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
    const message = `${method} ${path} HTTP/1.1\r\nhost: ${this.authority}\r\n${fields}${length}\r\n${body ?? ''}`;
    this.sent++;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, message, retried: false };
      this.#send();
    });
  }

  close() {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #send() {
    if (!this.#socket) {
      const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
      socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      socket.on('data', (data) => this.#receive(data));
      socket.on('error', (error) => this.#lost(socket, error));
      socket.on('close', () => this.#lost(socket, new Error('the server closed the connection')));
      this.#socket = socket;
      this.#used = false;
      this.#buffer = EMPTY;
      this.#head = null;
    }
    this.#socket.write(this.#waiting.message);
  }

  /** A connection that the server had closed while it was idle is opened again, once. */
  #lost(socket, error) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    const waiting = this.#waiting;
    if (!waiting) return;
    if (this.#used && !waiting.retried && this.#buffer.length === 0 && !this.#head) {
      waiting.retried = true;
      this.#send();
      return;
    }
    this.#waiting = null;
    waiting.reject(error);
  }

  #receive(data) {
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
    if (!this.#head) {
      const end = this.#buffer.indexOf(END_OF_HEAD);
      if (end < 0) return;
      this.#head = parseHead(this.#buffer.latin1Slice(0, end));
      this.#bodyAt = end + 4;
    }
    const { headers, status } = this.#head;
    let body = EMPTY;
    let end = this.#bodyAt;
    if (headers['transfer-encoding'] === 'chunked') {
      const chunks = readChunks(this.#buffer, this.#bodyAt);
      if (!chunks) return;
      ({ body, end } = chunks);
    } else if (status !== 204 && status !== 304) {
      end = this.#bodyAt + Number(headers['content-length'] ?? 0);
      if (this.#buffer.length < end) return;
      body = this.#buffer.subarray(this.#bodyAt, end);
    }
    const answer = { ...this.#head, body: body.toString('utf8') };
    const { resolve } = this.#waiting;
    this.#waiting = null;
    this.#head = null;
    this.#used = true;
    this.#buffer = this.#buffer.length === end ? EMPTY : this.#buffer.subarray(end);
    if (headers.connection === 'close') this.close();
    resolve(answer);
  }
}
