import { Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { Measurements, type Labels } from '../measurements/measurements.js';
import { exposed } from './exposition.js';

/** As Prometheus knows it. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** All that the rooms measure, and what prom-client knows of the process, in the text format of Prometheus. */
@Injectable()
export class Metrics {
  private process: Promise<Registry> | undefined;

  constructor(private readonly measurements: Measurements) {}

  /**
   * @param own labels that every series of this process gets, where several are shown together
   * @param of of the figures that all processes share, whether they are shown too
   */
  async expose(own: Labels = {}, of: 'all' | 'this process' = 'all'): Promise<string> {
    const parts = [await this.ofProcess(own)];
    // One after the other, so that it takes one connection.
    for (const measurement of this.measurements.all()) {
      const isShared = measurement.kind === 'gauge' && measurement.isShared;
      if (isShared && of === 'this process') continue;
      parts.push((await exposed(measurement, isShared ? {} : own)) ?? '');
    }
    return parts.join('');
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
