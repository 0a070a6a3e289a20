// What a drill is given: counts at its scale, a place to say its figures, and a clean-up that always runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A drill that cannot be done here; the message says why. */
export class NotRun extends Error {}

/**
 * @typedef {object} Aim
 * @property {string} text as it stands beside the figure
 * @property {(value: any) => boolean} met
 */

/** @param {number} limit @returns {Aim} */
export const atMost = (limit) => ({ text: `≤ ${round(limit)}`, met: (value) => value <= limit });
/** @param {number} limit @returns {Aim} */
export const atLeast = (limit) => ({ text: `≥ ${round(limit)}`, met: (value) => value >= limit });
/** @param {unknown} wanted @returns {Aim} */
export const exactly = (wanted) => ({ text: `${wanted}`, met: (value) => value === wanted });
/** A figure that is told and not judged. @returns {Aim} */
export const told = () => ({ text: '', met: () => true });

/** @param {number} value */
const round = (value) => (Number.isInteger(value) ? value : Number(value.toFixed(3)));

export class Drill {
  /** @type {Array<{name: string, value: unknown, unit: string, aim: string, met: boolean}>} */
  figures = [];
  /** @type {string[]} */
  notes = [];
  #endings = [];

  /**
   * @param {{id: string, title: string}} plan
   * @param {{scale: number, database?: string}} options
   */
  constructor(plan, { scale, database }) {
    this.plan = plan;
    this.scale = scale;
    this.wantedDatabase = database;
    // World-readable, because PostgreSQL runs as another user.
    this.folder = mkdtempSync(join(tmpdir(), `clinch-${plan.id.toLowerCase()}-`));
    this.onEnd(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  }

  /**
   * A count of the drill at the scale that was asked for.
   * @param {number} full
   * @param {number} [least]
   */
  count(full, least = 1) {
    return Math.max(least, Math.round(full * this.scale));
  }

  /** Seconds at the scale that was asked for. */
  seconds(full, least = 5) {
    return Math.max(least, full * this.scale);
  }

  /**
   * Tells a figure beside its aim.
   * @param {string} name
   * @param {unknown} value
   * @param {Aim} aim
   * @param {string} [unit]
   */
  figure(name, value, aim, unit = '') {
    const shown = typeof value === 'number' ? round(value) : value;
    const met = value !== undefined && !Number.isNaN(value) && aim.met(value);
    this.figures.push({ name, value: shown, unit, aim: aim.text, met });
    const verdict = aim.text === '' ? '' : `, aim ${aim.text}: ${met ? 'met' : 'MISSED'}`;
    console.log(`  ${name}: ${shown}${unit === '' ? '' : ` ${unit}`}${verdict}`);
  }

  /** Something worth knowing that is no figure. */
  note(text) {
    this.notes.push(text);
    console.log(`  (${text})`);
  }

  say(text) {
    console.error(`${this.plan.id}: ${text}`);
  }

  /** @param {() => unknown} ending run at the end, the last one first, whatever happened */
  onEnd(ending) {
    this.#endings.push(ending);
  }

  async end() {
    while (this.#endings.length > 0) {
      try {
        await this.#endings.pop()();
      } catch (error) {
        this.say(`clean-up: ${error.message}`);
      }
    }
  }

  get passed() {
    return this.figures.length > 0 && this.figures.every(({ met }) => met);
  }
}
