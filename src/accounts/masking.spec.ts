import { describe, expect, it } from 'vitest';
import { isMasked, maskEmail, maskPhoneNumber } from './masking.js';

describe('a masked e-mail address', () => {
  it.each([
    ['lin.xiaoyu@example.com', 'l•••@example.com'],
    ['ab@example.com', 'a•••@example.com'],
    // The first character would be the whole of it.
    ['a@example.com', '•••@example.com'],
    ['@example.com', '•••@example.com'],
    ['😀b@example.com', '😀•••@example.com'],
    ['"a@b"@example.com', '"•••@example.com'],
    ['no address', '•••'],
    ['', '•••'],
  ])('%s → %s', (email, masked) => {
    expect(maskEmail(email)).toBe(masked);
    expect(isMasked(maskEmail(email))).toBe(true);
  });
});

describe('a masked telephone number', () => {
  it.each([
    ['+8613800131234', '+86•••••••1234'],
    ['+12025550123', '+1••••••0123'],
    ['+35312345678', '+353••••5678'],
    // Four digits are hidden at least.
    ['+86123456', '+86••••56'],
    ['+861234', '+86••••'],
    ['+8612', '+86••'],
    ['13800131234', '•••••••1234'],
    ['8077', '••••'],
    ['', ''],
  ])('%s → %s', (number, masked) => {
    expect(maskPhoneNumber(number)).toBe(masked);
    expect(isMasked(masked)).toBe(number !== '');
  });
});
