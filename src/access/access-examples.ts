import type { OperationExamples } from '../admin/operation.js';
import type { AccessQuestion } from './check.dto.js';
import type { AccessDraft } from './preview.dto.js';

/** Bodies that run as they stand. */
export const PREVIEW_EXAMPLES: OperationExamples<AccessDraft> = {
  closed: { summary: 'Only those who are assigned', value: { access: 'assigned' } },
  rule: {
    summary: 'A rule, and what it means for one person',
    value: { access_rule: 'user.username.startsWith("l")', user: 'mH3vAqYk0yq3n2mRcdQ1Zw' },
  },
};

export const CHECK_EXAMPLES: OperationExamples<AccessQuestion> = {
  one: {
    summary: 'May this person do that?',
    value: { user: 'mH3vAqYk0yq3n2mRcdQ1Zw', resource: 'expenses', action: 'approve' },
  },
  several: {
    summary: 'Several at once',
    value: { user: 'mH3vAqYk0yq3n2mRcdQ1Zw', permissions: ['expenses:read', 'expenses:approve'] },
  },
};
