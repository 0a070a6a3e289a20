import { Injectable } from '@nestjs/common';
import { Measurements } from '../measurements/measurements.js';
import { passwordChecks } from './password.js';

/** How busy this process is with passwords: a long queue is somebody who guesses. */
@Injectable()
export class PasswordFigures {
  constructor(measurements: Measurements) {
    measurements.gauge('clinch_password_checks', 'Passwords that are being checked, and that wait for it', () => {
      const { running, waiting } = passwordChecks();
      return [
        { labels: { state: 'running' }, value: running },
        { labels: { state: 'waiting' }, value: waiting },
      ];
    });
  }
}
