import { QueryFailedError } from 'typeorm';

function codeOf(error: unknown): string | undefined {
  const source: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return source instanceof Error && 'code' in source && typeof source.code === 'string' ? source.code : undefined;
}

/** A unique index refused the row: somebody else has this name. */
export function isUniqueViolation(error: unknown): boolean {
  return ['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(codeOf(error) ?? '');
}

/** The text cannot be stored: a NUL, a number out of range. The caller's fault, never ours. */
export function isUnstorableValue(error: unknown): boolean {
  return ['22021', '22P05', '22P02', '22003', '22001'].includes(codeOf(error) ?? '');
}

const UNAVAILABLE_SQLSTATE = /^(53|57|08|25006|55P03|40001|40P01)/;
const UNAVAILABLE_CODES =
  /^(SQLITE_(BUSY|FULL|IOERR|LOCKED|READONLY|CANTOPEN)|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;
const UNAVAILABLE_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Query runner already released|Client has encountered a connection error|Query read timeout|not currently accepting connections|connection is not open|database is not open|statement has been finalized/i;

/** The database is away, full, or too busy: worth another try, so 503 rather than 500. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && (UNAVAILABLE_SQLSTATE.test(code) || UNAVAILABLE_CODES.test(code))) return true;
  return error instanceof Error && UNAVAILABLE_MESSAGES.test(error.message);
}
