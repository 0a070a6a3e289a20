// Events of DingTalk in a storm, twice each and shuffled, over two nodes, while one of them is killed.
import { runTestFiles } from '../lib/test-file.mjs';

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D14',
  title: 'A storm of events while a node is killed',
  minutes: '2',
  run: (drill) => runTestFiles(drill, 'nodes', ['test/nodes/dingtalk-events.nodes-spec.ts'], 'postgres'),
};
