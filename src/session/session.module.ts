import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { BrowserSession } from './browser-session.js';
import { SettingsModule } from '../settings/settings.module.js';
import { SessionClientEntity } from './session-client.entity.js';
import { SessionClients } from './session-clients.js';
import { SessionEntity } from './session.entity.js';
import { SessionStore } from './session-store.js';

/**
 * Owns the signed-in browser: the server-side record, its cookie, its two lifetimes, and which apps
 * were entered in it. Hands on who is signed in here, and starting and ending sessions. Leaves how somebody proves who they are to `interaction`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([SessionEntity, SessionClientEntity]),
    AccountsModule,
    HttpModule,
    KeyringModule,
    SettingsModule,
  ],
  providers: [SessionStore, BrowserSession, SessionClients],
  exports: [SessionStore, BrowserSession, SessionClients],
})
export class SessionModule {}
