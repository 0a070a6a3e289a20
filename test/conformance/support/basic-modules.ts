import { afterAll, afterEach, beforeAll, describe, it, vi } from 'vitest';
import type { ConformanceTest } from './module.js';
import { startProvider, type PlanMode, type Provider } from './provider.js';
import { REQUEST_MODULES } from './request-modules.js';
import { SESSION_MODULES } from './session-modules.js';
import { TOKEN_MODULES } from './token-modules.js';
import { USERINFO_MODULES } from './userinfo-modules.js';

/** All modules of the basic plan, each with at least one test. */
const BASIC_MODULES: readonly ConformanceTest[] = [
  ...TOKEN_MODULES,
  ...USERINFO_MODULES,
  ...REQUEST_MODULES,
  ...SESSION_MODULES,
];

/** The basic plan and the form-post plan are the same modules; what differs is how the response reaches the app. */
export function describeBasicPlan(plan: string, mode: PlanMode): void {
  describe(plan, () => {
    let provider: Provider;

    beforeAll(async () => {
      provider = await startProvider(mode);
    });
    afterEach(() => {
      vi.useRealTimers();
    });
    afterAll(() => provider.clinch.stop());

    for (const { module, rule, run } of BASIC_MODULES) it(`${module}: ${rule}`, () => run(provider));
  });
}
