import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLED_WORKER, bundleExpressionWorker } from '../../../scripts/expression-worker.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('the program of the threads', () => {
  it('is bundled from the room as it stands: node scripts/expression-worker.mjs', async () => {
    // Compared, not shown: a difference would fill the screen.
    expect(readFileSync(resolve(ROOT, BUNDLED_WORKER), 'utf8') === (await bundleExpressionWorker())).toBe(true);
  });
});
