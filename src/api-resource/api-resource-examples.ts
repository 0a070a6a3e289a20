import type { OperationExamples } from '../admin/operation.js';
import type { ApiChanges, NewApi, ReplacedApi } from './api-resource.dto.js';

/** Bodies that run as they stand. */
export const API_EXAMPLES: OperationExamples<NewApi> = {
  orders: {
    summary: 'An API with two scopes and short tokens',
    value: {
      identifier: 'https://orders.example.com',
      name: 'Orders',
      scopes: [
        { name: 'orders:read', description: 'See your orders' },
        { name: 'orders:write', description: 'Place and cancel orders for you' },
      ],
      access_token_lifetime: 600,
    },
  },
  audience: {
    summary: 'An API that only looks at the audience',
    value: { identifier: 'urn:example:printing', name: 'Printing' },
  },
};

export const API_REPLACEMENT_EXAMPLES: OperationExamples<ReplacedApi> = {
  orders: {
    summary: 'Other scopes, everything else by default',
    value: { name: 'Orders', scopes: [{ name: 'orders:read', description: 'See your orders' }] },
  },
};

export const API_CHANGE_EXAMPLES: OperationExamples<ApiChanges> = {
  lifetime: { summary: 'Shorter tokens', value: { access_token_lifetime: 300 } },
  scopes: {
    summary: 'Other scopes: the list is replaced as a whole',
    value: { scopes: [{ name: 'orders:read', description: 'See your orders' }, { name: 'orders:cancel' }] },
  },
};
