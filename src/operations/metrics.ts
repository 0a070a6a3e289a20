import { Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { Measurements, type Labels, type Measurement } from '../measurements/measurements.js';
import { WorkerLink } from '../workers/worker-link.js';
import { exposed, together } from './exposition.js';

/** As Prometheus knows it. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Milliseconds for all that is asked of the database together. The supervisor waits two seconds for each worker, and
 * Prometheus ten for the whole.
 */
const WITHIN_MS = 1_200;

/** All that the rooms measure, and what prom-client knows of the process, in the text format of Prometheus. */
@Injectable()
export class Metrics {
  private process: Promise<Registry> | undefined;

  constructor(
    private readonly measurements: Measurements,
    private readonly link: WorkerLink,
  ) {
    link.answerWith((worker) => this.own({ worker }));
  }

  /** Of one process as it is; of several workers, whichever was asked, each with its number as the label `worker`. */
  async expose(): Promise<string> {
    const own = this.link.isWorker ? together(await this.link.collect()) : await this.own({});
    return own + (await this.some((measurement) => isShared(measurement), {}));
  }

  /** What is of this process alone. */
  private async own(labels: Labels): Promise<string> {
    return (await this.ofProcess(labels)) + (await this.some((measurement) => !isShared(measurement), labels));
  }

  private async some(wanted: (measurement: Measurement) => boolean, labels: Labels): Promise<string> {
    let text = '';
    const until = performance.now() + WITHIN_MS;
    let isFailing = false;
    // One after the other, so that it takes one connection.
    for (const measurement of this.measurements.all().filter(wanted)) {
      // They are all of the database: where one cannot be read, Prometheus would wait for each of the others in vain.
      if (isFailing && isShared(measurement)) continue;
      const one = await exposed(measurement, labels, until - performance.now());
      isFailing ||= one === undefined;
      text += one ?? '';
    }
    return text;
  }

  private async ofProcess(own: Labels): Promise<string> {
    this.process ??= collectDefaults();
    const registry = await this.process;
    registry.setDefaultLabels(own);
    return `${(await registry.metrics()).trimEnd()}\n`;
  }
}

/** prom-client is loaded by the first who asks: a start does not wait for it. */
async function collectDefaults(): Promise<Registry> {
  // By its default export: in the bundle it has no other.
  const { collectDefaultMetrics, Registry } = (await import('prom-client')).default;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

function isShared(measurement: Measurement): boolean {
  return measurement.kind === 'gauge' && measurement.isShared;
}
