import type { OperationExamples } from '../admin/operation.js';
import type { ClaimLabRequest } from './claim-lab.dto.js';

const USER = 'mH3vAqYk0yq3n2mRcdQ1Zw';

/** Bodies that run as they stand. */
export const CLAIM_LAB_EXAMPLES: OperationExamples<ClaimLabRequest> = {
  now: {
    summary: 'What the app would get now',
    value: { user: USER, scope: 'openid profile email' },
  },
  draft: {
    summary: 'And with a claim of its own',
    value: {
      user: USER,
      scope: 'openid',
      draft: { id_token_claims: [{ name: 'department', value: 'user.departments.map(d, d.name)' }] },
    },
  },
};
