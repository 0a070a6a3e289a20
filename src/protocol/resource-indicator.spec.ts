import { describe, expect, it } from 'vitest';
import { resourceFault } from './resource-indicator.js';

describe('RFC 8707 §2: a resource indicator', () => {
  it.each([
    'https://api.example.com',
    'https://api.example.com/orders?v=2',
    'http://orders.intra',
    'api://orders',
    'urn:example:orders',
    'URN:ex-1:a/b',
    `https://api.example.com/${'x'.repeat(476)}`,
  ])('takes %s', (text) => {
    expect(resourceFault(text)).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ['', /printable/],
    ['orders', /absolute/],
    ['/orders', /absolute/],
    ['//api.example.com', /absolute/],
    ['https://', /absolute/],
    ['https:///orders', /absolute/],
    ['https://[::x]/', /not an address/],
    ['javascript:alert(1)', /absolute/],
    ['data:text/plain,x', /absolute/],
    ['mailto:a@example.com', /absolute/],
    ['urn:orders', /absolute/],
    ['urn:x:orders', /absolute/],
    ['https://api.example.com/#orders', /fragment/],
    ['https://api.example.com#', /fragment/],
    ['https://api.example.com/a b', /printable/],
    ['https://api.example.com/\0', /printable/],
    ['https://api.example.com/ä', /printable/],
    ['https://api.example.com/"', /no URI has/],
    ['https://api.example.com\\orders', /no URI has/],
    [`https://api.example.com/${'x'.repeat(477)}`, /at most 500/],
  ])('refuses %j', (text, problem) => {
    expect(resourceFault(text)).toMatch(problem);
  });
});
