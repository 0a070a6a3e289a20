import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '../access/access.module.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AppAccountsModule } from '../app-accounts/app-accounts.module.js';
import { ApiResourceModule } from '../api-resource/api-resource.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { CustomScopesModule } from '../custom-scopes/custom-scopes.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { SessionModule } from '../session/session.module.js';
import { SignOutModule } from '../sign-out/sign-out.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { AppAccountController } from './app-account.controller.js';
import { AccountChoice } from './account-choice.js';
import { ConsentController } from './consent.controller.js';
import { ConsentEntity } from './consent.entity.js';
import { ConsentStore } from './consent-store.js';
import { IdentityProviders } from './identity-providers.js';
import { InteractionEntity } from './interaction.entity.js';
import { InteractionPages } from './interaction-pages.js';
import { InteractionLimits } from './interaction-limits.js';
import { InteractionStore } from './interaction-store.js';
import { Interactions } from './interactions.js';
import { KnownBrowser } from './known-browser.js';
import { LocalSignIn } from './local-sign-in.js';
import { LoginController } from './login.controller.js';
import { PasswordChange } from './password-change.js';
import { PasswordSignIn } from './password-sign-in.js';
import { PersonAtApp } from './person-at-app.js';
import { RefusalController } from './refusal.controller.js';
import { SignInAttempts } from './sign-in-attempts.js';
import { SignInOffers } from './sign-in-offer.js';
import { SignIns } from './sign-ins.js';

/**
 * Owns the person's part of a flow: the pages (sign-in, choice of account, refusal, choice of a name in
 * the app, consent), the waiting request behind them,
 * and `nextStep`, which decides what is still missing. Hands on the dispatcher, and what people agreed to. Leaves the
 * answer to the app to the flow that asked (`authorization-code`), to which every page returns. A page of our own may ask
 * for a sign-in as well (`Interactions.signInFor`); the browser then returns to that page, and to no app. Finds the
 * identity providers of the rooms below (`@ProvidesIdentity`) and lists their ways in; `SignIns` is where they end.
 */
@Module({
  imports: [
    DiscoveryModule,
    TypeOrmModule.forFeature([InteractionEntity, ConsentEntity]),
    HttpModule,
    AuditModule,
    KeyringModule,
    AccountsModule,
    ApiResourceModule,
    AppRegistryModule,
    CustomScopesModule,
    AppAccountsModule,
    SubjectsModule,
    AccessModule,
    SessionModule,
    SignOutModule,
  ],
  controllers: [LoginController, RefusalController, AppAccountController, ConsentController],
  providers: [
    Interactions,
    AccountChoice,
    PersonAtApp,
    InteractionLimits,
    InteractionStore,
    InteractionPages,
    ConsentStore,
    SignInAttempts,
    KnownBrowser,
    PasswordSignIn,
    PasswordChange,
    IdentityProviders,
    LocalSignIn,
    SignInOffers,
    SignIns,
  ],
  exports: [Interactions, InteractionStore, ConsentStore, SignIns, PasswordChange],
})
export class InteractionModule {}
