import { Module } from '@nestjs/common';
import { AccountsModule } from '../../accounts/accounts.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { DeparturesModule } from '../../departures/departures.module.js';
import { People } from './people.js';

/**
 * Owns who a person of an organisation is here: identity, matching, profile. Hands on accounts for the organisation's
 * records. Leaves how the records are come by to the sign-in, the sync and the events.
 */
@Module({
  imports: [AuditModule, AccountsModule, DeparturesModule],
  providers: [People],
  exports: [People],
})
export class PeopleModule {}
