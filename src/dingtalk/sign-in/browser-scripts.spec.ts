import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLED, bundleBrowserScripts } from '../../../scripts/browser-scripts.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('the scripts for browsers', () => {
  it('are bundled from the scripts as they stand: node scripts/browser-scripts.mjs', async () => {
    // Compared, not shown: a difference would fill the screen.
    expect(readFileSync(resolve(ROOT, BUNDLED), 'utf8') === (await bundleBrowserScripts())).toBe(true);
  });

  it('name no other site', async () => {
    const bundled = await bundleBrowserScripts();
    expect(/(https?|wss?):\/\/[^\s"'`]*/.exec(bundled)?.[0]).toBeUndefined();
  });
});
