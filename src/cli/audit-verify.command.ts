import { AuditChainEntity } from '../audit/audit-chain.entity.js';
import { AuditEventEntity } from '../audit/audit-event.entity.js';
import { verifyChain } from '../audit-trail/verify-chain.js';
import { Database } from '../database/database.js';
import { dataSourceOptions, openDataSource } from '../database/data-source.js';
import { UsageError, type Command } from './command.js';

/** Reads only, and may run beside the server. */
export const auditVerifyCommand: Command = {
  name: 'audit verify',
  summary: 'goes through the chain of the audit trail and says whether anybody has touched it',
  help: [
    'Makes the hash of every audit event anew, from the oldest that is kept to the newest, and compares. Says the first event',
    'that was changed, is missing, was moved or was put in, the event after which the chain was cut off because its time was',
    'over, and the last hash: who notes that elsewhere can tell later that nobody has made the whole chain anew.',
    'Exit code 0: nothing was touched; 1: something was, or it was interrupted.',
  ].join('\n'),
  run: async (args, { config, say, signal }) => {
    if (args.length > 0) throw new UsageError('audit verify takes no arguments');
    const entities = [AuditEventEntity, AuditChainEntity];
    const dataSource = await openDataSource({ ...dataSourceOptions(config().database, 'migrations'), entities });
    try {
      const report = await verifyChain(new Database(dataSource), signal);
      if (report.anchor > 0) say(`Events up to ${report.anchor} were deleted when their time was over.`);
      say(
        `${report.events} events follow one another${report.first === undefined ? '' : `, ${report.first} to ${report.last}`}.`,
      );
      say(`The last hash is ${report.lastHash}.`);
      if (report.waiting > 0) say(`${report.waiting} events have no place in the chain yet.`);
      if (report.fault !== undefined) {
        const { seq, id, fault } = report.fault;
        say(`BROKEN: event ${seq}${id === undefined ? '' : ` (${id})`} ${fault}.`);
        return 1;
      }
      if (signal.aborted) say('Interrupted: the rest was not looked at.');
      return signal.aborted ? 1 : 0;
    } finally {
      await dataSource.destroy();
    }
  },
};
