import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AccountAdministration } from './account-administration.js';
import { AccountEntity } from './account.entity.js';
import { AccountStore } from './account-store.js';
import { UsersController } from './users.controller.js';

/**
 * Owns the person: the standard claims, the status, the local password. Hands on accounts by id and by name, and the
 * check of a password. Leaves sessions, consents and DingTalk identities to their rooms.
 */
@Module({
  imports: [TypeOrmModule.forFeature([AccountEntity]), AdminModule],
  controllers: [UsersController],
  providers: [AccountStore, AccountAdministration],
  exports: [AccountStore],
})
export class AccountsModule {}
