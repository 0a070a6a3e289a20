import { ChoiceFilter } from '../admin/list-filters.js';
import { SortField, type ListOrder } from '../admin/list-order.js';
import { ListQuery } from '../admin/list-page.js';
import type { ClientEntity } from './client.entity.js';

export const APP_ORDER: ListOrder<ClientEntity> = {
  key: 'clientId',
  columns: {
    client_name: { property: 'clientName', kind: 'text' },
    created_at: { property: 'createdAt', kind: 'time' },
    updated_at: { property: 'updatedAt', kind: 'time' },
  },
};

/** Which apps, and in which order. */
export class AppQuery extends ListQuery {
  @SortField(APP_ORDER)
  sort?: string;

  @ChoiceFilter(['true', 'false'], 'Only those that are switched on, or off.')
  enabled?: 'true' | 'false';
}
