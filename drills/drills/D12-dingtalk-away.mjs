// DingTalk refuses, hangs, throttles, answers nonsense: by the switches of the simulator.
import { runTestFiles } from '../lib/test-file.mjs';

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D12',
  title: 'DingTalk away, slow, throttled',
  minutes: '2',
  run: (drill) =>
    runTestFiles(drill, 'flows', ['test/e2e/dingtalk-client.e2e-spec.ts', 'test/e2e/dingtalk-sign-in.e2e-spec.ts']),
};
