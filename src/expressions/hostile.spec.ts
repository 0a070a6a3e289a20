import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FACTS } from '../../test/support/expression-facts.js';
import { ENDED, REFUSED } from '../../test/support/hostile-expressions.js';
import { EvaluationPool } from './evaluation-pool.js';
import { compile } from './program.js';
import { processorTimeOf, systemThreadId } from './worker/processor-time.js';

/** On a processor. */
const AT_ONCE_MS = 60;
/** On the clock, which on a busy machine runs ten times as fast. */
const SOON_MS = 1_000;

const thread = systemThreadId();
/** The milliseconds that this thread has been on a processor; where the system does not tell, those of the clock. */
const spent = (): number => processorTimeOf(thread) ?? performance.now();

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
    const start = spent();
    const compilation = compile(text, 'claim');
    expect(compilation).toHaveProperty('problem.message');
    expect(spent() - start).toBeLessThan(AT_ONCE_MS);
  });

  it.each(ENDED)('is ended within the limit: $name', async ({ text }) => {
    const checking = spent();
    expect(compile(text, 'claim')).not.toHaveProperty('problem');
    expect(spent() - checking).toBeLessThan(AT_ONCE_MS);
    const start = performance.now();
    const [outcome] = await pool.evaluate('claim', [{ text, facts: FACTS }]);
    expect(performance.now() - start).toBeLessThan(SOON_MS);
    if (outcome === undefined || 'failure' in outcome) return;
    expect(JSON.stringify(outcome.value).length).toBeLessThanOrEqual(4_096);
  });
});
