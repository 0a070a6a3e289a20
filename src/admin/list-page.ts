import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, registerDecorator, type ValidationOptions } from 'class-validator';
import { Problem } from './problem.js';

const LARGEST_PAGE = 200;
const USUAL_PAGE = 50;

const CURSOR_PROBLEM = 'is not one of ours; take next_cursor of the page before, or leave it out';

/** The query of every list. */
export class ListQuery {
  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1,
    maximum: LARGEST_PAGE,
    default: USUAL_PAGE,
    description: 'How many at most.',
  })
  @IsOptional()
  @IsPageSize()
  limit?: string;

  @ApiProperty({
    type: String,
    required: false,
    description: 'The `next_cursor` of the page before. It means nothing else.',
  })
  @IsOptional()
  @IsCursor()
  cursor?: string;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

/** Where a page begins and how long it is. */
export interface PageRequest {
  readonly limit: number;
  /** The last key of the page before. */
  readonly after: string | undefined;
}

/** How many at most. */
export function pageLimit({ limit }: Pick<ListQuery, 'limit'>): number {
  return limit === undefined ? USUAL_PAGE : Number(limit);
}

export function pageRequest({ limit, cursor }: ListQuery): PageRequest {
  return {
    limit: pageLimit({ limit }),
    after: cursor === undefined ? undefined : keyOf(cursor),
  };
}

/**
 * Cuts a page from rows in the order of their keys.
 *
 * @param rows one more than the limit, if there are so many: that is how we know that another page follows
 */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit }: PageRequest,
  keyOfRow: (row: Row) => string,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: shown.map((row) => toItem(row)),
    next_cursor: more ? Buffer.from(keyOfRow(last)).toString('base64url') : null,
  };
}

function keyOf(cursor: string): string {
  const key = readCursor(cursor);
  if (key === undefined) throw Problem.ofFields([{ field: 'cursor', problem: CURSOR_PROBLEM }]);
  return key;
}

function readCursor(cursor: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,172}$/.test(cursor)) return undefined;
  const key = Buffer.from(cursor, 'base64url');
  const text = key.toString('latin1');
  return key.toString('base64url') === cursor && /^[\x21-\x7e]{1,128}$/.test(text) ? text : undefined;
}

function IsPageSize(): PropertyDecorator {
  const message = `must be a whole number from 1 to ${LARGEST_PAGE}`;
  return rule('isPageSize', message, (value) => /^[1-9]\d{0,2}$/.test(value) && Number(value) <= LARGEST_PAGE);
}

function IsCursor(): PropertyDecorator {
  // What is in it, the list itself judges: there are two kinds.
  return rule('isCursor', CURSOR_PROBLEM, (value) => /^[A-Za-z0-9_-]{1,2000}$/.test(value));
}

/** A repeated parameter arrives as a list and fits no rule. */
function rule(name: string, message: string, fits: (value: string) => boolean): PropertyDecorator {
  const options: ValidationOptions = { message };
  return (target, property) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      options,
      validator: { validate: (value: unknown) => typeof value === 'string' && fits(value) },
    });
}
