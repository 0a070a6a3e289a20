import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AccountBelongings } from '../accounts/account-belongings.js';
import { AppBelongings } from '../app-registry/app-belongings.js';
import { AppAccountEntity } from './app-account.entity.js';

/** Names in apps go with the app and with the person: a new app of the same id knows nobody, and no name stays taken. */
@Injectable()
export class AppAccountBelongings implements OnModuleInit {
  constructor(
    private readonly apps: AppBelongings,
    private readonly accounts: AccountBelongings,
  ) {}

  onModuleInit(): void {
    this.apps.declare(AppAccountEntity, (clientId) => ({ clientId }));
    this.accounts.declare(AppAccountEntity, (accountId) => ({ accountId }));
  }
}
