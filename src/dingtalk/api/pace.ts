/** Calls of one app to one API in a second: what DingTalk allows. */
const PER_SECOND = 20;
/** Milliseconds beyond the second: clocks and timers are not exact. */
const SLACK_MS = 10;
/** Answers that must have been seen before the way there is believed to take any time. */
const ENOUGH_ANSWERS = 100;
/** How much of the shortest way there and back is believed. */
const BELIEVED = 0.8;
/** Turns in a row that people get while others wait. */
const PEOPLE_FIRST = 3;

/** A call's turn. */
export interface Turn {
  /** To be called once, when the answer is there or will not come. */
  over(how: 'answered' | 'given up' | 'not called'): void;
}

interface Waiter {
  readonly begin: () => void;
}

/**
 * The pace of calls to one API. DingTalk counts them as they arrive, in a sliding second. When that was is not known
 * here, but it was before the answer came: a place is free again a second after that. Of the time that all answers took
 * at least, most is then taken off again, since the call that comes into the place needs it too; otherwise a DingTalk
 * that is far away would never be called as often as it may be.
 */
export class Pace {
  private free = PER_SECOND;
  private readonly people = new Set<Waiter>();
  private readonly others = new Set<Waiter>();
  private turnsOfPeople = 0;
  private quickest = Number.POSITIVE_INFINITY;
  private answers = 0;

  /**
   * Waits for a turn: first come, first served, but before a sync come people who wait for a page.
   *
   * @throws the signal's reason, when it ends before
   */
  async turn(signal?: AbortSignal, isPerson = false): Promise<Turn> {
    signal?.throwIfAborted();
    const lane = isPerson ? this.people : this.others;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        lane.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        begin: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      lane.add(waiter);
      signal?.addEventListener('abort', leave, { once: true });
      this.serve();
    });
    return this.begun();
  }

  private begun(): Turn {
    const startedAt = performance.now();
    return {
      over: (how) => {
        if (how === 'not called') this.release();
        else setTimeout(() => this.release(), this.restAfter(how, performance.now() - startedAt));
      },
    };
  }

  /** Milliseconds that a place stays taken after its call. */
  private restAfter(how: 'answered' | 'given up', took: number): number {
    const credit = this.answers < ENOUGH_ANSWERS ? 0 : BELIEVED * this.quickest;
    if (how === 'given up') return 1_000 + SLACK_MS;
    this.answers += 1;
    this.quickest = Math.min(this.quickest, took);
    return Math.max(0, 1_000 + SLACK_MS - Math.min(credit, took));
  }

  private release(): void {
    this.free += 1;
    this.serve();
  }

  private serve(): void {
    while (this.free > 0) {
      const lane = this.nextLane();
      const [waiter] = lane;
      if (waiter === undefined) return;
      lane.delete(waiter);
      this.turnsOfPeople = lane === this.people ? this.turnsOfPeople + 1 : 0;
      this.free -= 1;
      waiter.begin();
    }
  }

  /** Neither of the two can keep the other out. */
  private nextLane(): Set<Waiter> {
    if (this.people.size === 0) return this.others;
    return this.others.size > 0 && this.turnsOfPeople >= PEOPLE_FIRST ? this.others : this.people;
  }
}
