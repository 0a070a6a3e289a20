import type { SimulatorApp } from './app.js';
import { type CompanyEvent, companyEvent } from './company-event.js';
import type { DeliveryTimings } from './delivery-timings.js';
import { HttpPush } from './http-push.js';
import { type Channel, type SentEvent, SentEvents } from './sent-events.js';
import { Stream } from './stream.js';
import type { World } from './world.js';

/** Brings events to the apps of the organisation in which something happened, on every channel that an app has. */
export class EventDelivery {
  readonly stream: Stream;
  readonly #push: HttpPush;
  readonly #sent = new SentEvents();
  readonly #stop = new AbortController();
  #held: CompanyEvent[] = [];

  constructor(
    private readonly world: World,
    timings: DeliveryTimings,
  ) {
    this.#push = new HttpPush(world, this.#sent, timings, this.#stop.signal);
    this.stream = new Stream(world, this.#sent, timings, this.#stop.signal);
    for (const company of world.companies) company.onEvent((event) => this.#happened(event));
  }

  /** What was sent, with its outcome. */
  sent(): readonly SentEvent[] {
    return this.#sent.all();
  }

  /**
   * Waits until every delivery has come to its end, good or bad; of one channel only, where it is named: over Stream
   * that takes a minute when nobody is connected. Throws an Error when it takes longer than given.
   */
  async settled(timeoutMs = 10_000, channel?: Channel): Promise<void> {
    await this.#sent.settled(timeoutMs, channel);
  }

  /** Sends an event that nothing stands behind, or one that was sent before. */
  send(event: CompanyEvent): void {
    for (const app of this.world.apps) if (app.corpId === event.corpId) this.#sendTo(app, event);
  }

  /** Makes up an event and sends it; gives it back, so that it can be sent again. */
  pushRaw(corpId: string, type: string, payload: Readonly<Record<string, unknown>>): CompanyEvent {
    const event = companyEvent(corpId, type, payload);
    this.send(event);
    return event;
  }

  /** Sends the events that were held, in the order in which they happened or the other way round. */
  release(order: 'as-happened' | 'reversed' = 'as-happened'): void {
    const held = this.#held;
    this.#held = [];
    for (const event of order === 'reversed' ? held.toReversed() : held) this.send(event);
  }

  /** The handshake of the HTTP channel: 'success', or what is wrong with the reply. */
  async verifyCallback(app: SimulatorApp): Promise<string> {
    return this.#push.verify(app);
  }

  stop(): void {
    this.#stop.abort();
    this.stream.stop();
  }

  #happened(event: CompanyEvent): void {
    const { dropEvents, holdEvents, duplicateEvents } = this.world.faults.switches;
    if (dropEvents) return;
    if (holdEvents) {
      this.#held.push(event);
      return;
    }
    this.send(event);
    if (duplicateEvents) this.send(event);
  }

  #sendTo(app: SimulatorApp, event: CompanyEvent): void {
    if (app.callback) this.#unlessStopped(this.#push.deliver(app, event));
    if (app.stream) this.#unlessStopped(this.stream.deliver(app, event));
  }

  #unlessStopped(delivery: Promise<void>): void {
    delivery.catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    });
  }
}
