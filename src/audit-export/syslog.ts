import type { AuditEventEntity } from '../audit/audit-event.entity.js';
import { exported } from './exported-event.js';

/** RFC 5424 §6.2.1: facility 13, log audit; severity 6 is informational, 4 a warning. */
const FACILITY = 13;
const INFORMATIONAL = 6;
const WARNING = 4;

/** Messages of RFC 5424, each with its length before it (RFC 6587 §3.4.1). */
export function syslogFrames(events: readonly AuditEventEntity[]): Buffer {
  return Buffer.concat(
    events.map((event) => {
      const message = Buffer.from(syslogMessage(event));
      return Buffer.concat([Buffer.from(`${message.length} `), message]);
    }),
  );
}

function syslogMessage(event: AuditEventEntity): string {
  const severity = event.outcome === 'failure' ? WARNING : INFORMATIONAL;
  const [host = '-', process = '-'] = event.node.split(/:(?=\d+$)/);
  const header = [
    `<${FACILITY * 8 + severity}>1`,
    event.at.toISOString(),
    word(host, 255),
    'clinch',
    word(process, 128),
    word(event.event, 32),
  ];
  return `${header.join(' ')} - ${JSON.stringify(exported(event))}`;
}

/** RFC 5424 §6: printable ASCII without blanks. */
function word(text: string, longest: number): string {
  const printable = text.replace(/[^\x21-\x7e]/g, '_').slice(0, longest);
  return printable === '' ? '-' : printable;
}
