// The closed loop: every virtual user does one operation after the other.
import { performance } from 'node:perf_hooks';

const MAX_ERRORS = 50;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Drive {
  /** @type {number[]} of the operations since the last `takeDone`, ms */
  #latencies = [];
  #requests = 0;
  #running = true;
  #ended;
  errors = 0;
  /** @type {Set<string>} */
  messages = new Set();

  /**
   * @param {import('../workloads/index.mjs').Workload} workload
   * @param {import('./virtual-user.mjs').VirtualUser[]} users
   * @param {string[]} [pool] what operations use up; the drive ends with it
   */
  constructor(workload, users, pool = undefined) {
    this.pool = pool;
    this.#ended = Promise.all(users.map((user) => this.#loop(workload.run, user)));
  }

  async #loop(run, user) {
    while (this.#running && this.pool?.length !== 0) {
      const start = performance.now();
      const { sent } = user.connection;
      try {
        await run(user, this.pool?.pop());
        this.#latencies.push(performance.now() - start);
        this.#requests += user.connection.sent - sent;
      } catch (error) {
        this.errors++;
        if (this.messages.size < 5) this.messages.add(error.message);
        if (this.errors >= MAX_ERRORS) this.#running = false;
        await sleep(50);
      }
    }
  }

  /**
   * Waits, but not longer than there is something to do.
   * @param {number} ms
   * @param {() => boolean} [enough]
   */
  async wait(ms, enough = () => false) {
    let ended = false;
    const end = this.#ended.then(() => (ended = true));
    const last = performance.now() + ms;
    const step = this.pool ? 5 : 200;
    while (!ended && !enough() && performance.now() < last) {
      await Promise.race([end, sleep(Math.max(1, Math.min(step, last - performance.now())))]);
    }
  }

  /** What was done since the last time. */
  takeDone() {
    const done = { latencies: this.#latencies, requests: this.#requests };
    this.#latencies = [];
    this.#requests = 0;
    return done;
  }

  async stop() {
    this.#running = false;
    await this.#ended;
  }
}
