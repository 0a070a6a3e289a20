import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FACTS } from '../../test/support/expression-facts.js';
import { ENDED, REFUSED } from '../../test/support/hostile-expressions.js';
import { EvaluationPool } from './evaluation-pool.js';
import { compile } from './program.js';

/** The limit, and what a machine at work adds to it. */
const AT_ONCE_MS = 100;
const SOON_MS = 250;

// Times on a busy machine are worth a second look before they are believed.
describe('a hostile expression', { retry: 2 }, () => {
  const pool = new EvaluationPool(() => undefined);
  // So that nobody's time is that of a thread that starts.
  beforeEach(async () => {
    await pool.evaluate('claim', [{ text: '1', facts: FACTS }]);
  });
  afterAll(() => pool.close());
  afterEach(() => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each(REFUSED)('is refused when it is saved, at once: $name', ({ text }) => {
    const start = performance.now();
    const compilation = compile(text, 'claim');
    expect(compilation).toHaveProperty('problem.message');
    expect(performance.now() - start).toBeLessThan(AT_ONCE_MS);
  });

  it.each(ENDED)('is ended within the limit: $name', async ({ text }) => {
    const checking = performance.now();
    expect(compile(text, 'claim')).not.toHaveProperty('problem');
    expect(performance.now() - checking).toBeLessThan(AT_ONCE_MS);
    const start = performance.now();
    const [outcome] = await pool.evaluate('claim', [{ text, facts: FACTS }]);
    expect(performance.now() - start).toBeLessThan(SOON_MS);
    if (outcome === undefined || 'failure' in outcome) return;
    expect(JSON.stringify(outcome.value).length).toBeLessThanOrEqual(4_096);
  });
});
