/** Longer than any honest wait: a query from inside a transaction's own callback that does not use its connection. */
const LONGEST_WAIT_MS = 5_000;

/** The one connection of the embedded database was held for too long. */
export class SqliteBusyError extends Error {
  readonly code = 'SQLITE_BUSY';

  constructor() {
    super(`the database connection was not free within ${LONGEST_WAIT_MS} ms`);
  }
}

/**
 * Whose turn it is on SQLite's single connection. A statement takes a turn of its own; a transaction keeps its turn
 * until it ends, so that nothing of another request can fall inside it and be rolled back with it.
 */
export class SqliteTurns {
  private holder: object | undefined;
  private readonly waiting: (() => void)[] = [];

  /** True when a statement may run at once, without a turn: nobody holds the connection, and nobody waits. */
  get free(): boolean {
    return this.holder === undefined && this.waiting.length === 0;
  }

  /** How many wait for their turn. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  isHeldBy(holder: object): boolean {
    return this.holder === holder;
  }

  /** @throws {SqliteBusyError} when the turn does not come within 5 s */
  async take(holder: object): Promise<void> {
    if (this.free) {
      this.holder = holder;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        clearTimeout(timer);
        this.holder = holder;
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        reject(new SqliteBusyError());
      }, LONGEST_WAIT_MS);
      this.waiting.push(turn);
    });
  }

  give(holder: object): void {
    if (this.holder !== holder) return;
    this.holder = undefined;
    this.waiting.shift()?.();
  }

  async during<T>(holder: object, action: () => Promise<T>): Promise<T> {
    if (this.isHeldBy(holder)) return action();
    await this.take(holder);
    try {
      return await action();
    } finally {
      this.give(holder);
    }
  }
}
