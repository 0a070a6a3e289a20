import { KeyIsGoneError } from '../token-signing/signing-key-rows.js';
import { UsageError, type Command } from './command.js';
import { withKeys } from './keys.js';

export const keysRevokeCommand: Command = {
  name: 'keys revoke',
  summary: 'takes a signing key out of use at once: somebody else may have it',
  help: [
    'Usage: npx clinch keys revoke KID',
    'The key leaves the key set, every server refuses within a second what it signed, and another key signs. Apps that keep',
    'the key set believe in it for up to five minutes more. Who fails says the admin API beforehand:',
    'POST /admin/api/v1/keys/KID/revoke with {"dry_run": true}.',
    'Exit code 1: there is no such key, or it is gone already.',
  ].join('\n'),
  run: async (args, { config, say }) => {
    const [kid, ...more] = args;
    if (kid === undefined || more.length > 0) throw new UsageError('keys revoke takes the id of one key');
    return withKeys(config(), async ({ signingKeys }) => {
      try {
        const { successors } = await signingKeys.revoke(kid, {});
        say(`${kid} is revoked.`);
        for (const next of successors) say(`${next.kid} signs with ${next.algorithm} from now on.`);
        return 0;
      } catch (error) {
        if (!(error instanceof KeyIsGoneError)) throw error;
        say(`There is no signing key ${kid}, or it is gone already.`);
        return 1;
      }
    });
  },
};
