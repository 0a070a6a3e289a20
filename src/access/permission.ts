/** Characters of a `resource:action` pair: as many as a scope-token of ours may have. */
export const LONGEST_PERMISSION = 128;

const PART = '(?:\\*|[A-Za-z0-9._-]+)';
const PERMISSION = new RegExp(`^${PART}:${PART}$`);

/** What is wrong with a permission; it completes the sentence "FIELD …". */
export function permissionFault(text: string): string | undefined {
  return PERMISSION.test(text)
    ? undefined
    : 'may hold pairs such as reports:read only; * stands for every resource or every action';
}

/**
 * Whether what was granted covers what is asked for. A `*` that is asked for means all of them, so that only a `*`
 * covers it.
 *
 * @param granted a permission
 * @param asked a permission
 */
export function permits(granted: string, asked: string): boolean {
  const [resource, action] = granted.split(':');
  const [askedResource, askedAction] = asked.split(':');
  return (resource === '*' || resource === askedResource) && (action === '*' || action === askedAction);
}
