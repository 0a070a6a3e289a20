import { Module } from '@nestjs/common';
import { AccountsModule } from '../../accounts/accounts.module.js';
import { AdminModule } from '../../admin/admin.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { DeparturesModule } from '../../departures/departures.module.js';
import { DingTalkApiModule } from '../api/dingtalk-api.module.js';
import { IdentitySourceModule } from '../source/identity-source.module.js';
import { IdentitiesController } from './identities.controller.js';
import { IdentityStore } from './identity-store.js';
import { Linking } from './linking.js';
import { Matching } from './matching.js';
import { Newcomers } from './newcomers.js';
import { People } from './people.js';
import { ProfileSources } from './profile-sources.js';

/**
 * Owns who a person of an organisation is here: identity, matching, profile. Hands on accounts for the organisation's
 * records. Leaves how the records are come by to the sign-in, the sync and the events.
 */
@Module({
  imports: [AdminModule, AuditModule, AccountsModule, DeparturesModule, IdentitySourceModule, DingTalkApiModule],
  controllers: [IdentitiesController],
  providers: [People, IdentityStore, Newcomers, Matching, Linking, ProfileSources],
  exports: [People, IdentityStore, ProfileSources],
})
export class PeopleModule {}
