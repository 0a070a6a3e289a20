import type { OperationExamples } from '../admin/operation.js';
import type { AssignmentBatch, AssignmentChanges, NewAssignment } from './assignment.dto.js';

/** Bodies that run as they stand, where there are such people, groups and departments. */
export const ASSIGNMENT_EXAMPLES: OperationExamples<NewAssignment> = {
  person: {
    summary: 'A person, until the end of the year',
    value: { subject: { type: 'user', id: 'mH3vAqYk0yq3n2mRcdQ1Zw' }, ends_at: '2099-12-31T00:00:00Z' },
  },
};

export const BATCH_EXAMPLES: OperationExamples<AssignmentBatch> = {
  people: {
    summary: 'Several people',
    value: { subjects: [{ type: 'user', id: 'mH3vAqYk0yq3n2mRcdQ1Zw' }] },
  },
};

export const ASSIGNMENT_CHANGE_EXAMPLES: OperationExamples<AssignmentChanges> = {
  off: { summary: 'Switch it off, and keep it', value: { enabled: false } },
  end: { summary: 'Let it end', value: { ends_at: '2099-12-31T00:00:00Z' } },
  itself: { summary: 'Of a department only itself', value: { include_descendants: false } },
};
