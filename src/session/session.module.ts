import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountBelongings } from '../accounts/account-belongings.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AppBelongings } from '../app-registry/app-belongings.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { BrowserSession } from './browser-session.js';
import { SettingsModule } from '../settings/settings.module.js';
import { SessionClientEntity } from './session-client.entity.js';
import { SessionClients } from './session-clients.js';
import { SessionEntity } from './session.entity.js';
import { SessionList } from './session-list.js';
import { SessionStore } from './session-store.js';

/**
 * Owns the signed-in browser: the server-side records, their cookies, their two lifetimes, and which apps were entered in
 * them. Hands on who is signed in here, starting and ending sessions, and the list of them. Leaves how somebody proves who
 * they are to `interaction`, and what hangs on a session that ends to `sign-out`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([SessionEntity, SessionClientEntity]),
    AccountsModule,
    AppRegistryModule,
    HttpModule,
    KeyringModule,
    SettingsModule,
  ],
  providers: [SessionStore, SessionList, BrowserSession, SessionClients],
  exports: [SessionStore, SessionList, BrowserSession, SessionClients],
})
export class SessionModule {
  constructor(accounts: AccountBelongings, apps: AppBelongings) {
    accounts.declare(SessionClientEntity, (accountId) => ({ accountId }));
    accounts.declare(SessionEntity, (accountId) => ({ accountId }));
    apps.declare(SessionClientEntity, (clientId) => ({ clientId }));
  }
}
