import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { AccountAdministration } from './account-administration.js';
import { AccountBelongings } from './account-belongings.js';
import { AccountClosings } from './account-closings.js';
import { AccountEntity } from './account.entity.js';
import { AccountStore } from './account-store.js';
import { FederatedIdentityEntity } from './federated-identity.entity.js';
import { OwnProfile } from './own-profile.js';
import { PasswordFigures } from './password-figures.js';
import { PersonalData } from './personal-data.js';
import { UserTransferController } from './user-transfer.controller.js';
import { UserTransfers } from './user-transfers.js';
import { UsersController } from './users.controller.js';

/**
 * Owns the person: the standard claims, the status, the local password. Keeps who they are
 * in an organisation's directory (`federated_identities`); what is done with that is the room of that directory's matter.
 * Hands on accounts by id and by name, the check of a password, `AccountBelongings` for rooms whose rows go with an
 * account, `AccountClosings` for rooms that note when somebody's sign-ins end, `OwnProfile`: what people change of themselves, and `PersonalData`: who may read what
 * people can be reached by. Leaves sessions and consents to their rooms.
 */
@Module({
  imports: [TypeOrmModule.forFeature([AccountEntity, FederatedIdentityEntity]), AdminModule, AuditModule],
  // What has a path of its own comes before what takes any.
  controllers: [UserTransferController, UsersController],
  providers: [
    AccountStore,
    AccountAdministration,
    AccountBelongings,
    AccountClosings,
    OwnProfile,
    PasswordFigures,
    PersonalData,
    UserTransfers,
  ],
  exports: [AccountStore, AccountBelongings, AccountClosings, OwnProfile, PersonalData, TypeOrmModule],
})
export class AccountsModule {}
