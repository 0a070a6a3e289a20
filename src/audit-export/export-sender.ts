import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import type { AuditEventEntity } from '../audit/audit-event.entity.js';
import { Keyring, type SealedPlace } from '../keyring/keyring.js';
import { sealedPlace } from '../database/sealed.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import { OutboundStream } from '../outbound/outbound-stream.js';
import { AuditExportEntity } from './audit-export.entity.js';
import { streamAddress } from './export-address.js';
import { exported } from './exported-event.js';
import { syslogFrames } from './syslog.js';

/** Where a destination's secret is sealed for. */
export function secretPlace(id: string): SealedPlace {
  return sealedPlace(AuditExportEntity, 'secret', id);
}

/** Brings events to a destination, all of them or with an error. */
@Injectable()
export class ExportSender {
  constructor(
    private readonly http: OutboundHttp,
    private readonly stream: OutboundStream,
    private readonly keyring: Keyring,
  ) {}

  /** @throws {Error} that says what went wrong, when it is not known that all have arrived */
  async send(destination: AuditExportEntity, events: readonly AuditEventEntity[]): Promise<void> {
    const stream = destination.kind === 'syslog' ? streamAddress(destination.address) : undefined;
    if (stream !== undefined) await this.stream.send(stream, syslogFrames(events));
    else await this.post(destination, events);
  }

  /** The time is signed as well, so that whoever receives it can tell a repeat of an old body. */
  private async post({ id, address, format, secret }: AuditExportEntity, events: readonly AuditEventEntity[]) {
    const items = events.map((event) => JSON.stringify(exported(event)));
    const body = format === 'ndjson' ? `${items.join('\n')}\n` : `[${items.join(',')}]`;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const key = secret === null ? '' : this.keyring.open(secretPlace(id), secret);
    const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
    const { status } = await this.http.request(address, {
      method: 'POST',
      headers: {
        'Content-Type': format === 'ndjson' ? 'application/x-ndjson' : 'application/json',
        'X-Clinch-Timestamp': timestamp,
        'X-Clinch-Signature': `v1=${signature}`,
      },
      body,
      bodyMatters: false,
    });
    if (status < 200 || status > 299) throw new Error(`answered with ${status}`);
  }
}
