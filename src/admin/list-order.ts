import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm';
import { pageLimit, type ListQuery, type Page } from './list-page.js';
import { Problem } from './problem.js';

/** A column that a list can be in the order of; never one that may be empty, nor one that is masked in lists. */
export interface SortColumn<Row> {
  readonly property: keyof Row & string;
  readonly kind: 'text' | 'time';
  /** No two rows have the same value. */
  readonly unique?: boolean;
}

/** What a list can be in the order of: the allow-list of its `sort`. Each has an index, where there can be many rows. */
export interface ListOrder<Row> {
  /** Names one row, and decides between those that are otherwise alike. */
  readonly key: keyof Row & string;
  readonly columns: Readonly<Record<string, SortColumn<Row>>>;
}

/** The query parameter of a list that has an order. */
export function SortField<Row>({ columns }: ListOrder<Row>): PropertyDecorator {
  const choices = Object.keys(columns).flatMap((name) => [name, `-${name}`]);
  return applyDecorators(
    ApiProperty({
      type: String,
      required: false,
      enum: choices,
      description: 'What it is in the order of; with `-`, the other way round. Without it: of the ids.',
    }),
    IsOptional(),
    IsIn(choices, { message: `must be one of: ${choices.join(', ')}` }),
  );
}

interface Wish<Row> {
  /** As it was asked for: a cursor is good for this order only. */
  readonly sort: string;
  readonly column: SortColumn<Row> | undefined;
  readonly descending: boolean;
}

/** The last row of the page before. */
interface Position {
  readonly value: string | number;
  readonly key: string;
}

/**
 * One page of a list, in the order that was asked for.
 *
 * @param narrow adds the filters
 * @throws {Problem} 400 for a cursor of another order, or of none
 */
export async function orderedPage<Row extends ObjectLiteral, Item>(
  repository: Repository<Row>,
  order: ListOrder<Row>,
  query: ListQuery & { readonly sort?: string },
  toItem: (row: Row) => Item,
  narrow: (rows: SelectQueryBuilder<Row>) => void = () => undefined,
): Promise<Page<Item>> {
  const limit = pageLimit(query);
  const wish = wishOf(order, query.sort);
  const rows = repository.createQueryBuilder('row').take(limit + 1);
  narrow(rows);
  arrange(rows, order, wish, query.cursor === undefined ? undefined : positionOf(query.cursor, wish));
  const found = await rows.getMany();
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => toItem(row)),
    next_cursor: found.length > limit && last !== undefined ? cursorOf(order, wish, last) : null,
  };
}

function wishOf<Row>({ columns }: ListOrder<Row>, sort = ''): Wish<Row> {
  const descending = sort.startsWith('-');
  return { sort, column: columns[descending ? sort.slice(1) : sort], descending };
}

function arrange<Row extends ObjectLiteral>(
  rows: SelectQueryBuilder<Row>,
  { key }: ListOrder<Row>,
  { column, descending }: Wish<Row>,
  from: Position | undefined,
): void {
  // Row values (SQL:2003 §7.1): one range of one index, however many rows are alike.
  const names = column === undefined ? [key] : column.unique ? [column.property] : [column.property, key];
  for (const name of names) rows.addOrderBy(`row.${name}`, descending ? 'DESC' : 'ASC');
  if (from === undefined) return;
  const places = names.map((name) => (name === column?.property ? ':value' : ':key'));
  const [left, right] = [names.map((name) => `row.${name}`).join(', '), places.join(', ')];
  rows.andWhere(`(${left}) ${descending ? '<' : '>'} (${right})`, { value: from.value, key: from.key });
}

function cursorOf<Row extends ObjectLiteral>({ key }: ListOrder<Row>, { sort, column }: Wish<Row>, row: Row): string {
  const own: unknown = row[key];
  const value: unknown = column === undefined ? own : row[column.property];
  const text = JSON.stringify([sort, value instanceof Date ? value.getTime() : value, own]);
  return Buffer.from(text).toString('base64url');
}

/** @throws {Problem} 400 */
function positionOf<Row>(cursor: string, { sort, column }: Wish<Row>): Position {
  const [of, value, key] = parsed(cursor);
  const fits = column?.kind === 'time' ? Number.isSafeInteger(value) : isStorable(value);
  if (of === sort && fits && isStorable(key)) return { value: value as string | number, key: key as string };
  throw Problem.ofFields([
    { field: 'cursor', problem: 'is not one of this list in this order; take next_cursor of the page before' },
  ]);
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isStorable(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !/[\u0000\p{Surrogate}]/u.test(value);
}
