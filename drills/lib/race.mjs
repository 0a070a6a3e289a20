// The same request at all nodes in one tick, over connections that are open already.
import { Client } from './client.mjs';

/** Answers with one status each, counted: `{ '200': 1000, '400 invalid_grant': 9000 }`. */
export class Outcomes {
  counts = new Map();

  add({ status, json }) {
    const name = status === 200 ? '200' : `${status}${json?.error ? ` ${json.error}` : ''}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  of(name) {
    return this.counts.get(name) ?? 0;
  }

  /** How many had a status of 500 or more. */
  get faults() {
    return [...this.counts].filter(([name]) => /^(5|0)/.test(name)).reduce((sum, [, count]) => sum + count, 0);
  }

  toString() {
    return [...this.counts].map(([name, count]) => `${name}: ${count}`).join(', ');
  }
}

export class Race {
  #clients;

  /**
   * @param {import('./installation.mjs').Installation} installation
   * @param {number} parallel requests at once over all nodes
   */
  constructor(installation, parallel = 10) {
    this.parallel = parallel;
    const { nodes } = installation;
    this.#clients = nodes.map(({ url }) => new Client(url, undefined, Math.ceil(parallel / nodes.length)));
  }

  /** Opens the connections. */
  async warm() {
    await Promise.all(
      this.#clients.flatMap((client) => Array.from({ length: this.parallel }, () => client.request('GET', '/livez'))),
    );
  }

  /**
   * @param {number} round changes which node is asked first
   * @param {string | undefined} basic
   * @param {Record<string, string>} form
   */
  token(round, basic, form) {
    const at = (index) => this.#clients[(round + index) % this.#clients.length];
    return Promise.all(Array.from({ length: this.parallel }, (_, index) => at(index).post('/oidc/token', basic, form)));
  }

  /** The nodes' clients, for what is not a token request. */
  client(index) {
    return this.#clients[index % this.#clients.length];
  }

  close() {
    return Promise.all(this.#clients.map((client) => client.close()));
  }
}
