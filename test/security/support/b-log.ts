import type { NestExpressApplication } from '@nestjs/platform-express';
import { ServerLog } from '../../../src/audit/server-log.js';

export interface CapturedLog {
  /** All that was written since, as it was written. */
  text(): string;
  lines(): Record<string, unknown>[];
  audit(event: string): Record<string, unknown>[];
  clear(): void;
}

/** Takes what the server's log writes from now on, instead of standard output. */
export function captureLog(app: NestExpressApplication): CapturedLog {
  let written: string[] = [];
  const sink: unknown = Reflect.get(app.get(ServerLog), 'sink');
  Object.assign(sink as object, {
    write: (line: string) => {
      written.push(line);
      return true;
    },
  });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    text: () => written.join(''),
    lines,
    audit: (event) => lines().filter((line) => line['kind'] === 'audit' && line['event'] === event),
    clear: () => {
      written = [];
    },
  };
}
