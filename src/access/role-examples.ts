import type { OperationExamples } from '../admin/operation.js';
import type { NewRole, RoleChanges } from './role.dto.js';

/** Bodies that run as they stand, where there is an app `expenses`. */
export const ROLE_EXAMPLES: OperationExamples<NewRole> = {
  approver: {
    summary: 'A role with two permissions',
    value: {
      client_id: 'expenses',
      name: 'approver',
      description: 'Approves expenses',
      permissions: ['expenses:read', 'expenses:approve'],
    },
  },
  auditor: {
    summary: 'May read everything',
    value: { client_id: 'expenses', name: 'auditor', permissions: ['*:read'] },
  },
};

export const ROLE_CHANGE_EXAMPLES: OperationExamples<RoleChanges> = {
  permissions: {
    summary: 'Other permissions: the list is replaced as a whole',
    value: { permissions: ['expenses:read', 'expenses:approve', 'expenses:refuse'] },
  },
  name: { summary: 'Another name', value: { name: 'head approver' } },
};
