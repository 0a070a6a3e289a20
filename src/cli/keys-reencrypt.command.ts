import { UsageError, type Command } from './command.js';
import { withKeys } from './keys.js';

export const keysReencryptCommand: Command = {
  name: 'keys reencrypt',
  summary: 'seals everything under the first master key',
  help: [
    'To change the master key: give every server OLD,NEW in CLINCH_MASTER_KEY, then NEW,OLD. Servers re-encrypt by',
    'themselves then; this does the same beside them, and says how far it is. It may be stopped and begun again at any',
    'time. `npx clinch keys list` says when OLD may be dropped.',
    'Exit code 1: something is left that no key at hand opens, or it was stopped before the end.',
  ].join('\n'),
  run: async (args, { config, say, signal }) => {
    if (args.length > 0) throw new UsageError('keys reencrypt takes no arguments');
    return withKeys(config(), async ({ masterKeys }) => {
      await masterKeys.note();
      const { resealed, unreadable } = await masterKeys.reencrypt(async () => !signal.aborted);
      const { keys, remaining } = await masterKeys.status();
      say(`${resealed} values sealed anew, ${remaining} left.`);
      for (const each of unreadable) say(`No master key at hand opens ${each}.`);
      for (const { id, current, neededFor } of keys.filter((key) => !key.current)) {
        if (!current)
          say(
            `The master key ${id} ${neededFor.length === 0 ? 'may be dropped' : `is needed for ${neededFor.join(', ')}`}.`,
          );
      }
      return remaining > 0 ? 1 : 0;
    });
  },
};
