import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBrowser } from './find-browser.js';

describe('the browser for the container', () => {
  const has =
    (...paths: string[]) =>
    (path: unknown) =>
      paths.includes(String(path));

  it('is the one that was named', () => {
    const environment = { CHROME_PATH: '/opt/mine', PATH: '/usr/bin' };
    expect(findBrowser(environment, has('/opt/mine', '/usr/bin/chromium'))).toBe('/opt/mine');
  });

  it('is looked for where programs are', () => {
    expect(findBrowser({ PATH: ['/bin', '/usr/bin'].join(delimiter) }, has('/usr/bin/microsoft-edge'))).toBe(
      '/usr/bin/microsoft-edge',
    );
    const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    expect(findBrowser({}, has(mac))).toBe(mac);
  });

  it('is none where there is none', () => {
    expect(findBrowser({ PATH: '/usr/bin' }, () => false)).toBeUndefined();
  });
});
