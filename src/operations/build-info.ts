import { Injectable } from '@nestjs/common';
import { Measurements } from '../measurements/measurements.js';

/** As in package.json; a test compares the two. */
export const VERSION = '0.1.0';

/** Which program it is that is measured: after an upgrade it says which nodes have it. */
@Injectable()
export class BuildInfo {
  constructor(measurements: Measurements) {
    measurements.gauge('clinch_build_info', 'Always 1; the labels say which version runs on which Node', () => [
      { labels: { version: VERSION, node: process.versions.node }, value: 1 },
    ]);
  }
}
