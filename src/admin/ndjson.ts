import type { Request, Response } from 'express';
import { PassThrough, pipeline } from 'node:stream';
import { Problem } from './problem.js';
import { LARGEST_BODY } from './read-json.js';

/** One JSON object a line. */
export const NDJSON = 'application/x-ndjson';

const LINE_END = 0x0a;

/** Bytes of answers that are kept for somebody who does not read them until everything is sent. */
const MOST_UNREAD = 16_777_216;

/** Bytes of a body that are taken as fast as they come: a request has half a minute to be sent, and its work may take longer. */
const READ_AHEAD = 33_554_432;

/** One line that was sent: its number from 1 on, and its bytes; undefined when it is longer than any body may be. */
export interface SentLine {
  readonly number: number;
  readonly bytes: Buffer | undefined;
}

/**
 * The lines of a body, as they come. Blank ones are left out, and counted.
 *
 * @throws when whoever sends it is gone
 */
export async function* linesOf(request: Request): AsyncGenerator<SentLine> {
  const ahead = new PassThrough({ highWaterMark: READ_AHEAD });
  // What goes wrong comes out of `ahead`.
  pipeline(request, ahead, () => undefined);
  yield* splitLines(ahead as AsyncIterable<Buffer>);
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<SentLine> {
  let rest: Buffer[] = [];
  let size = 0;
  let number = 0;
  const line = (): SentLine | undefined => {
    const bytes = size > LARGEST_BODY ? undefined : Buffer.concat(rest);
    rest = [];
    size = 0;
    number += 1;
    return bytes !== undefined && /^\s*$/.test(bytes.toString('latin1')) ? undefined : { number, bytes };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(LINE_END); to >= 0; to = chunk.indexOf(LINE_END, from)) {
      size += to - from;
      if (size <= LARGEST_BODY) rest.push(chunk.subarray(from, to));
      from = to + 1;
      const found = line();
      if (found !== undefined) yield found;
    }
    size += chunk.length - from;
    if (size <= LARGEST_BODY) rest.push(chunk.subarray(from));
    else rest = [];
  }
  const last = size > 0 ? line() : undefined;
  if (last !== undefined) yield last;
}

/** @throws {Problem} 415 */
export function requireNdjson(request: Request): void {
  const [mediaType = ''] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (mediaType.trim() === NDJSON && encoding === 'identity') return;
  throw new Problem('unsupported-media-type', `The body must have Content-Type: ${NDJSON}, in UTF-8, not compressed.`);
}

/** An answer of lines, sent as they are made. */
export class LineWriter {
  constructor(
    private readonly request: Request,
    private readonly response: Response,
  ) {
    response.status(200).set('Content-Type', NDJSON);
  }

  /** Whoever reads is gone: there is nobody to work for. */
  get isGone(): boolean {
    return this.response.destroyed || this.response.closed;
  }

  /** Sends lines, and waits while they are not taken. */
  async write(...items: readonly object[]): Promise<void> {
    if (items.length === 0 || this.isGone) return;
    const taken = this.response.write(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
    if (taken || this.mayWait()) return;
    await this.untilTaken();
  }

  end(): void {
    if (!this.isGone) this.response.end();
  }

  /** So that half an answer is not taken for the whole. */
  breakOff(): void {
    this.response.destroy();
  }

  /** Leaves no listener behind: there may be thousands of waits in one answer. */
  private untilTaken(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.response.off('drain', done).off('close', done);
        resolve();
      };
      this.response.on('drain', done).on('close', done);
    });
  }

  /** Many programs read nothing before they have sent everything: both sides would wait for one another. */
  private mayWait(): boolean {
    return !this.request.complete && this.response.writableLength < MOST_UNREAD;
  }
}
