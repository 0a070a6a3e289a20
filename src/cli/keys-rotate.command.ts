import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { algorithmsOf } from '../token-signing/signing-key-rows.js';
import { UsageError, type Command } from './command.js';
import { withKeys } from './keys.js';

export const keysRotateCommand: Command = {
  name: 'keys rotate',
  summary: 'gives each algorithm its next signing key now',
  help: [
    'Usage: npx clinch keys rotate [ALGORITHM] [--immediately]',
    `ALGORITHM is one of ${SIGNING_ALGORITHMS.join(', ')}; without it all of them are meant.`,
    'The next key is announced first, for as long as the settings say, so that no app fails. With --immediately it signs',
    'at once, and apps that keep the old key set for its five minutes refuse its tokens for as long.',
    'Servers that run take it up within a second.',
  ].join('\n'),
  run: async (args, { config, say }) => {
    const immediately = args.includes('--immediately');
    const [alg, ...more] = args.filter((arg) => arg !== '--immediately');
    if (more.length > 0 || (alg !== undefined && !isAlgorithm(alg)))
      throw new UsageError(`${args.join(' ')} is not understood`);
    return withKeys(config(), async ({ signingKeys }) => {
      const { successors } = await signingKeys.rotate(algorithmsOf(alg), { immediately }, {});
      for (const { kid, algorithm, signsFrom } of successors) {
        say(`${kid}  ${algorithm}  signs from ${signsFrom?.toISOString() ?? ''}`);
      }
      return 0;
    });
  },
};

function isAlgorithm(text: string): text is SigningAlgorithm {
  return SIGNING_ALGORITHMS.some((each) => each === text);
}
