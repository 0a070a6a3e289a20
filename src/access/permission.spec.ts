import { describe, expect, it } from 'vitest';
import { permissionFault, permits } from './permission.js';

describe('a permission', () => {
  it.each(['reports:read', 'a.b_c-d:E9', '*:read', 'reports:*', '*:*'])('can be %s', (text) => {
    expect(permissionFault(text)).toBeUndefined();
  });

  it.each(['', 'reports', 'reports:', ':read', 'a:b:c', 'reports:re*d', '**:read', 'a b:c', 'a:b ', 'ä:b', 'a:b\n'])(
    'cannot be %j',
    (text) => {
      expect(permissionFault(text)).toContain('pairs such as');
    },
  );

  it.each([
    ['reports:read', 'reports:read', true],
    ['reports:read', 'reports:write', false],
    ['reports:read', 'report:read', false],
    ['reports:*', 'reports:write', true],
    ['*:read', 'orders:read', true],
    ['*:read', 'orders:write', false],
    ['*:*', 'orders:write', true],
    ['reports:read', 'reports:*', false],
    ['reports:*', 'reports:*', true],
    ['reports:*', '*:read', false],
  ])('%s covers %s: %s', (granted, asked, covered) => {
    expect(permits(granted, asked)).toBe(covered);
  });
});
