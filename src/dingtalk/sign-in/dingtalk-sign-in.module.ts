import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../../audit/audit.module.js';
import { HttpModule } from '../../http/http.module.js';
import { InteractionModule } from '../../interaction/interaction.module.js';
import { KeyringModule } from '../../keyring/keyring.module.js';
import { DingTalkApiModule } from '../api/dingtalk-api.module.js';
import { DingTalkDirectoryModule } from '../directory/dingtalk-directory.module.js';
import { PeopleModule } from '../people/people.module.js';
import { IdentitySourceModule } from '../source/identity-source.module.js';
import { BrowserScriptsController } from './browser-scripts.controller.js';
import { BrowserSignInController } from './browser-sign-in.controller.js';
import { CodeAttempts } from './code-attempts.js';
import { DingTalkWays } from './dingtalk-ways.js';
import { InAppController } from './in-app.controller.js';
import { OrganisationSignIn } from './organisation-sign-in.js';
import { SignInStateEntity } from './sign-in-state.entity.js';
import { SignInStateStore } from './sign-in-state-store.js';
import { SignInVisits } from './sign-in-visits.js';

/**
 * Owns signing in with DingTalk: on its own page, by the code to scan on ours, and without a click inside it. Finds out
 * that the person is a member of the organisation; leaves who they are here to `people`, the calls to `api`, and the
 * session to `interaction`, whose sign-in page lists what `DingTalkWays` has.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([SignInStateEntity]),
    HttpModule,
    AuditModule,
    KeyringModule,
    InteractionModule,
    IdentitySourceModule,
    DingTalkApiModule,
    PeopleModule,
    DingTalkDirectoryModule,
  ],
  controllers: [BrowserSignInController, InAppController, BrowserScriptsController],
  providers: [CodeAttempts, DingTalkWays, SignInStateStore, SignInVisits, OrganisationSignIn],
})
export class DingTalkSignInModule {}
