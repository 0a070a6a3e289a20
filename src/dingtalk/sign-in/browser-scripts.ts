import { createHash } from 'node:crypto';
import { EMBEDDED_CODE, IN_APP, OPEN_ELSEWHERE } from './browser/bundled.js';

/** Where the scripts are served: each name changes with the content, so it may be kept for a year. */
export const IN_APP_PATH = pathOf('in-app', IN_APP);
export const EMBEDDED_CODE_PATH = pathOf('embedded-code', EMBEDDED_CODE);
export const OPEN_ELSEWHERE_PATH = pathOf('open-elsewhere', OPEN_ELSEWHERE);

function pathOf(name: string, script: string): string {
  return `/assets/${name}-${createHash('sha256').update(script).digest('hex').slice(0, 10)}.js`;
}
