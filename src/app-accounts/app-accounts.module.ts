import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ExpressionsModule } from '../expressions/expressions.module.js';
import { PersonFactsModule } from '../person-facts/person-facts.module.js';
import { AppAccountAdministration } from './app-account-administration.js';
import { AppAccountBelongings } from './app-account-belongings.js';
import { AppAccountChecks } from './app-account-checks.js';
import { AppAccountEntity } from './app-account.entity.js';
import { AppAccountRules } from './app-account-rules.js';
import { AppAccountStore } from './app-account-store.js';
import { AppAccounts } from './app-accounts.js';
import { AppAccountsController } from './app-accounts.controller.js';

/**
 * Owns what people are called inside apps: the names that were given by hand, and the rules that make the others, which are kept once they are used. Hands on
 * `AppAccounts`. Leaves the choice between several to `interaction`, and which claims that becomes to `claims`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([AppAccountEntity]),
    AdminModule,
    AuditModule,
    AccountsModule,
    AppRegistryModule,
    ExpressionsModule,
    PersonFactsModule,
  ],
  controllers: [AppAccountsController],
  providers: [
    AppAccountAdministration,
    AppAccountBelongings,
    AppAccountChecks,
    AppAccountRules,
    AppAccountStore,
    AppAccounts,
  ],
  exports: [AppAccounts],
})
export class AppAccountsModule {}
