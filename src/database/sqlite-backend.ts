import type { Backend, Outcome, Statement, Value } from './database.js';
import { isLockedByOthers, whileLockedByOthers } from './sqlite-lock.js';
import type { SqliteConnection, SqliteStatement } from './sqlite-driver.js';
import type { SqliteTurns } from './sqlite-turns.js';

interface Prepared {
  readonly statement: SqliteStatement;
  readonly writes: boolean;
}

interface Waiting {
  readonly command: Prepared;
  readonly bound: Record<string, unknown>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Statements on SQLite's one connection. A commit waits for the disk, and the event loop with it; so the writes that
 * arrive in one turn of the loop share a commit. Each is answered once that commit is on the disk, and each succeeds
 * or fails for itself: SQLite takes back a failed statement and keeps the transaction.
 */
export class SqliteBackend implements Backend {
  private readonly prepared = new Map<string, Prepared>();
  private waiting: Waiting[] = [];

  constructor(
    private readonly connection: SqliteConnection,
    private readonly turns: SqliteTurns,
  ) {}

  async run(statement: Statement, values: readonly Value[]): Promise<Outcome> {
    const command = this.prepare(statement);
    const bound = bind(values);
    if (command.writes) return this.write(command, bound);
    if (this.turns.free) return runNow(command, bound);
    // A fresh object is a fresh place in the queue.
    return this.turns.during({}, async () => runNow(command, bound));
  }

  private prepare({ name, sql }: Statement): Prepared {
    let prepared = this.prepared.get(name);
    if (prepared === undefined) {
      prepared = { statement: this.connection.prepare(sql), writes: !/^SELECT\b/i.test(sql) };
      this.prepared.set(name, prepared);
    }
    return prepared;
  }

  private write(command: Prepared, bound: Record<string, unknown>): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ command, bound, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    try {
      await whileLockedByOthers(() => this.turns.during({}, async () => this.commit(this.take())));
    } catch (error) {
      // No turn came in time, or another process had the file all the while; nothing was written.
      for (const { reject } of this.take()) reject(error);
    }
  }

  private take(): Waiting[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  /**
   * Synchronous from end to end: nothing else can run in between.
   *
   * @throws when another process has the file; the writes wait as before then
   */
  private commit(writes: readonly Waiting[]): void {
    const answers: (() => void)[] = [];
    try {
      if (writes.length > 1) this.connection.exec('BEGIN');
      for (const { command, bound, resolve, reject } of writes) {
        try {
          const outcome = runNow(command, bound);
          answers.push(() => resolve(outcome));
        } catch (error) {
          if (!isOfOneStatement(error)) throw error;
          answers.push(() => reject(error));
        }
      }
      if (writes.length > 1) this.connection.exec('COMMIT');
    } catch (error) {
      // The disk is full or gone: SQLite has rolled back, or does so now. Nobody's write happened.
      this.rollBack();
      if (isLockedByOthers(error)) {
        // For the next try, together with those that come meanwhile.
        this.waiting.unshift(...writes);
        throw error;
      }
      for (const { reject } of writes) reject(error);
      return;
    }
    for (const answer of answers) answer();
  }

  private rollBack(): void {
    try {
      this.connection.exec('ROLLBACK');
    } catch {
      // It was rolled back already.
    }
  }
}

/** A broken constraint or a value of the wrong kind; all else (disk full, I/O) ends the whole transaction. */
function isOfOneStatement(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CONSTRAINT');
}

function runNow({ statement }: Prepared, bound: Record<string, unknown>): Outcome {
  if (!statement.reader) return { rows: [], affected: statement.run(bound).changes };
  const rows = statement.all(bound);
  return { rows, affected: rows.length };
}

/** SQLite takes $1 for a parameter with the name 1. */
function bind(values: readonly Value[]): Record<string, unknown> {
  const bound: Record<string, unknown> = {};
  for (const [index, value] of values.entries()) {
    bound[index + 1] = typeof value === 'boolean' ? Number(value) : value;
  }
  return bound;
}
