import { ListQuery } from '../admin/list-page.js';
import { ChoiceFilter, TextFilter, TimeFilter } from '../admin/list-filters.js';
import { SortField, type ListOrder } from '../admin/list-order.js';
import type { AccountEntity } from './account.entity.js';

/** Nothing that is masked in the list: its order would tell it. */
export const USER_ORDER: ListOrder<AccountEntity> = {
  key: 'id',
  columns: {
    username: { property: 'usernameKey', kind: 'text', unique: true },
    created_at: { property: 'createdAt', kind: 'time' },
    updated_at: { property: 'updatedAt', kind: 'time' },
  },
};

/** Which people, and in which order. */
export class UserQuery extends ListQuery {
  @SortField(USER_ORDER)
  sort?: string;

  @ChoiceFilter(['active', 'disabled'], 'Only those who may sign in, or who may not.')
  status?: 'active' | 'disabled';

  @TextFilter('Only who signs in by that name, whatever its case.', 200)
  username?: string;

  @TimeFilter('Only those who were made at that time or later.')
  created_since?: string;

  @TimeFilter('Only those who were changed at that time or later.')
  updated_since?: string;
}
