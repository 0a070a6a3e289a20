/** A token as it was just given out. */
export interface FreshToken {
  readonly value: string;
  /** Seconds. */
  readonly lifetime: number;
}

/** Seconds before its end that a token is not used any more. */
const MARGIN_SECONDS = 300;

/**
 * The access token of an app, kept for as long as it is good. However many callers need one, one request fetches it;
 * it belongs to none of them, so it goes on when one of them has no more time.
 */
export class AppToken {
  private held: { readonly value: string; readonly until: number } | undefined;
  private fetching: Promise<string> | undefined;

  constructor(private readonly fetch: () => Promise<FreshToken>) {}

  async value(): Promise<string> {
    return this.current() ?? this.renewed();
  }

  /** Another one than this, which DingTalk does not accept any more; somebody else may have fetched it already. */
  async valueInsteadOf(stale: string): Promise<string> {
    const current = this.current();
    if (current !== undefined && current !== stale) return current;
    this.held = undefined;
    return this.renewed();
  }

  private current(): string | undefined {
    return this.held !== undefined && this.held.until > Date.now() ? this.held.value : undefined;
  }

  private renewed(): Promise<string> {
    this.fetching ??= this.fetched();
    return this.fetching;
  }

  private fetched(): Promise<string> {
    const fetching = this.fetch()
      .then(({ value, lifetime }) => {
        const seconds = Math.max(lifetime - MARGIN_SECONDS, lifetime / 2);
        this.held = { value, until: Date.now() + seconds * 1_000 };
        return value;
      })
      .finally(() => {
        this.fetching = undefined;
      });
    // Should everybody who waited have gone, nobody hears of a failure, and that is no accident.
    fetching.catch(() => undefined);
    return fetching;
  }
}
