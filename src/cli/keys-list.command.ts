import { toKeys } from '../keys/key-wire.js';
import { UsageError, type Command } from './command.js';
import { withKeys } from './keys.js';

export const keysListCommand: Command = {
  name: 'keys list',
  summary: 'shows the signing keys, what becomes of them when, and the master keys',
  help: [
    'One line for each signing key that is not gone: its id, algorithm, state, and the next thing that becomes of it by',
    'itself. Then the master keys: how many values are sealed under each, and whether it may be dropped.',
    '--json prints the same as JSON.',
  ].join('\n'),
  run: async (args, { config, say }) => {
    if (args.some((arg) => arg !== '--json')) throw new UsageError('keys list takes --json and nothing else');
    return withKeys(config(), async ({ signingKeys, masterKeys }) => {
      const keys = toKeys(await signingKeys.all()).filter(({ state }) => state !== 'gone');
      const { keys: masters } = await masterKeys.status();
      if (args.includes('--json')) {
        say(JSON.stringify({ signing_keys: keys, master_keys: masters }));
        return 0;
      }
      for (const { kid, alg, state, next } of keys) {
        const [soon] = next;
        say(`${kid}  ${alg.padEnd(5)}  ${state.padEnd(9)}  ${soon === undefined ? '' : `${soon.state} ${soon.at}`}`);
      }
      for (const { id, current, sealed, neededFor } of masters) {
        const word = current
          ? 'current'
          : neededFor.length === 0
            ? 'may be dropped'
            : `needed: ${neededFor.join(', ')}`;
        say(`master key ${id}  ${sealed} sealed  ${word}`);
      }
      return 0;
    });
  },
};
