export interface LoggedCall {
  readonly path: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly status: number;
}

/** Which API was called when: what tests read the pace from, and what the limit of calls is counted by. */
export class CallLog {
  readonly #calls: LoggedCall[] = [];
  readonly #recent = new Map<string, number[]>();

  add(call: LoggedCall): void {
    this.#calls.push(call);
  }

  /** The calls of a path and of those below it, or all. */
  of(path?: string): readonly LoggedCall[] {
    if (path === undefined) return [...this.#calls];
    return this.#calls.filter((call) => call.path === path || call.path.startsWith(`${path}/`));
  }

  clear(): void {
    this.#calls.length = 0;
  }

  /**
   * Whether one more call of an app to an API is within the limit of a sliding second. What is refused is not counted,
   * so that a caller that waits a second is let in.
   */
  admit(app: string, api: string, perSecond: number): boolean {
    const now = performance.now();
    const key = `${app} ${api}`;
    const recent = (this.#recent.get(key) ?? []).filter((at) => at > now - 1000);
    if (recent.length < perSecond) recent.push(now);
    else return false;
    this.#recent.set(key, recent);
    return true;
  }
}
