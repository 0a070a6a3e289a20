import type { OrganisationRecord } from '../api/organisation-record.js';

/** People who are worked on at once. */
const PART = 100;
/** People who may wait; whoever brings more waits until some are done. */
const MOST_WAITING = 5_000;

/** Works on people in the order in which they come, some at a time, while more of them are fetched. */
export class PeopleStream {
  private waiting: OrganisationRecord[] = [];
  private working: Promise<void> | undefined;
  private ended = false;

  constructor(private readonly work: (people: readonly OrganisationRecord[]) => Promise<void>) {}

  /** @throws what the work threw */
  async offer(people: readonly OrganisationRecord[]): Promise<void> {
    if (this.ended) return;
    this.waiting.push(...people);
    this.working ??= this.drain();
    // Whoever waits for it hears of its failure; nobody else has to.
    this.working.catch(() => undefined);
    while (this.waiting.length > MOST_WAITING) await this.working;
  }

  /** @throws what the work threw */
  async finished(): Promise<void> {
    await this.working;
  }

  /** What waits is left; what is worked on goes on to its end. */
  end(): void {
    this.ended = true;
    this.waiting = [];
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.work(this.waiting.splice(0, PART));
    this.working = undefined;
  }
}
