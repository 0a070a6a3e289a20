// Apps that hang, reset and fail are told of sign-outs beside healthy ones, over two nodes, while one of them is killed.
import { runTestFiles } from '../lib/test-file.mjs';

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D24',
  title: 'Sign-outs told to apps that hang',
  minutes: '2',
  run: (drill) => runTestFiles(drill, 'nodes', ['test/nodes/logout.nodes-spec.ts'], 'postgres'),
};
