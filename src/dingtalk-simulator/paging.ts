import type { Params } from './params.js';
import { OapiRefusal } from './refusals.js';

interface PageRules {
  /** The parameter that says where to start. */
  readonly start: 'cursor' | 'offset';
  /** The largest page. */
  readonly most: number;
  /** The size when none is given; without it a size must be given. */
  readonly usual?: number;
  readonly codes: { readonly size: number; readonly offset: number };
}

interface Page<T> {
  readonly items: T[];
  readonly has_more: boolean;
  readonly next_cursor?: number;
}

/** One page of a list. A start beyond the end gives an empty page. Throws OapiRefusal. */
export function pageOf<T>(params: Params, list: readonly T[], { start, most, usual, codes }: PageRules): Page<T> {
  const from = params.number(start, start === 'offset' ? 0 : undefined);
  const size = params.number('size', usual);
  if (from < 0) throw new OapiRefusal(codes.offset, `不合法的${start}`);
  if (size < 1 || size > most) throw new OapiRefusal(codes.size, '不合法的size');
  const end = from + size;
  const items = list.slice(from, end);
  return end < list.length ? { items, has_more: true, next_cursor: end } : { items, has_more: false };
}
