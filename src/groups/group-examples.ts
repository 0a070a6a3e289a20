import type { OperationExamples } from '../admin/operation.js';
import type { GroupChanges, NewGroup, NewMembers } from './group.dto.js';

/** Bodies that run as they stand. */
export const GROUP_EXAMPLES: OperationExamples<NewGroup> = {
  approvers: {
    summary: 'A group by hand',
    value: { name: 'Expense approvers', description: 'May approve expenses.' },
  },
};

export const GROUP_CHANGE_EXAMPLES: OperationExamples<GroupChanges> = {
  name: { summary: 'Another name', value: { name: 'Approvers' } },
};

export const MEMBER_EXAMPLES: OperationExamples<NewMembers> = {
  nobody: { summary: 'Up to a thousand ids of people; here nobody', value: { users: [] } },
};
