interface Held<T> {
  readonly value: T;
  expiresAt: number;
}

/** Values under secrets, each until its time is up. */
export class Store<T> {
  readonly #held = new Map<string, Held<T>>();

  put(key: string, value: T, expiresAt: Date): void {
    const now = Date.now();
    for (const [old, held] of this.#held) if (held.expiresAt <= now) this.#held.delete(old);
    this.#held.set(key, { value, expiresAt: expiresAt.getTime() });
  }

  get(key: string): T | undefined {
    const held = this.#held.get(key);
    return held && held.expiresAt > Date.now() ? held.value : undefined;
  }

  /** The value, which is gone afterwards. */
  spend(key: string): T | undefined {
    const value = this.get(key);
    this.#held.delete(key);
    return value;
  }

  values(): T[] {
    return [...this.#held.values()].map(({ value }) => value);
  }

  expireAll(): void {
    for (const held of this.#held.values()) held.expiresAt = 0;
  }
}
