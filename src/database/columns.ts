import type { ValueTransformer } from 'typeorm';

/** A Date in code, epoch milliseconds in the column: the only form that no database turns round. */
const epochMilliseconds: ValueTransformer = {
  to: (value: unknown) => (value instanceof Date ? value.getTime() : value),
  from: (value: unknown) => (value === null || value === undefined ? null : new Date(Number(value))),
};

export const TIME = { type: 'bigint', transformer: epochMilliseconds } as const;
export const OPTIONAL_TIME = { ...TIME, nullable: true } as const;

/** An id that the application makes. */
export const ID = { type: 'varchar', length: 64 } as const;
export const OPTIONAL_TEXT = { type: 'text', nullable: true } as const;

export function timeOf(value: number | string | null): Date | undefined {
  return value === null ? undefined : new Date(Number(value));
}
