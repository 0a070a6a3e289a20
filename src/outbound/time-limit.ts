/** A signal that ends by itself, or with another one. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** To be called when what it limits is over. */
  end(): void;
}

/**
 * A time limit for one request, below that of a caller. `AbortSignal.any` would do the same, and on Node 20 keep a trace
 * of every request for as long as the caller's signal lives: that of a sync lives for an hour.
 *
 * @param milliseconds after which the signal ends with a TimeoutError
 */
export function limitTime(milliseconds: number, signal?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const follow = () => controller.abort(signal?.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException('no answer in time', 'TimeoutError')),
    Math.max(0, milliseconds),
  );
  if (signal?.aborted === true) follow();
  else signal?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', follow);
    },
  };
}
