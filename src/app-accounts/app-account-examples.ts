import type { OperationExamples } from '../admin/operation.js';
import type { AppAccountChanges, NewAppAccount } from './app-account.dto.js';

/** Bodies that run as they stand. */
export const APP_ACCOUNT_EXAMPLES: OperationExamples<NewAppAccount> = {
  byHand: {
    summary: 'What somebody is called in the app',
    value: { user: 'mH3vAqYk0yq3n2mRcdQ1Zw', username: 'li.hua' },
  },
};

export const APP_ACCOUNT_CHANGE_EXAMPLES: OperationExamples<AppAccountChanges> = {
  renamed: { summary: 'Another name, for the same person', value: { username: 'li.hua2' } },
};
