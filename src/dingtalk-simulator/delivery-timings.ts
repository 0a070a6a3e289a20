/** How long DingTalk waits for what when it delivers events; milliseconds all. */
export interface DeliveryTimings {
  /** An HTTP push must be answered within this. */
  readonly pushLimitMs: number;
  /** How long after each failed push the next one follows; after the last the event is put on the failed list. */
  readonly pushRetriesMs: readonly number[];
  /** An event over Stream must be acknowledged within this, or it is sent again. */
  readonly streamAckMs: number;
  /** How long an event is sent again before it is given up. */
  readonly streamWindowMs: number;
  readonly streamPingMs: number;
  /** From the disconnect frame to the end of the connection. */
  readonly streamCloseMs: number;
}

export const usualTimings: DeliveryTimings = {
  pushLimitMs: 2500,
  pushRetriesMs: [10_000, 30_000],
  streamAckMs: 3000,
  streamWindowMs: 60_000,
  streamPingMs: 20_000,
  streamCloseMs: 10_000,
};
