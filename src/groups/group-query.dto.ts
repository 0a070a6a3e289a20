import { ChoiceFilter } from '../admin/list-filters.js';
import { SortField, type ListOrder } from '../admin/list-order.js';
import { ListQuery } from '../admin/list-page.js';
import type { GroupEntity, GroupKind } from './group.entity.js';

export const GROUP_ORDER: ListOrder<GroupEntity> = {
  key: 'id',
  columns: {
    name: { property: 'nameKey', kind: 'text', unique: true },
    created_at: { property: 'createdAt', kind: 'time' },
    updated_at: { property: 'updatedAt', kind: 'time' },
  },
};

/** Which groups, and in which order. */
export class GroupQuery extends ListQuery {
  @SortField(GROUP_ORDER)
  sort?: string;

  @ChoiceFilter(['manual', 'department', 'directory_role'], 'Only those whose members come from there.')
  kind?: GroupKind;
}
