import { Module, type DynamicModule } from '@nestjs/common';
import { AccessEnforcementModule } from './access-enforcement/access-enforcement.module.js';
import { AccessModule } from './access/access.module.js';
import { AccessTokenModule } from './access-token/access-token.module.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { AlibabaCloudModule } from './alibaba-cloud/alibaba-cloud.module.js';
import { AppTemplatesModule } from './app-templates/app-templates.module.js';
import { AppRegistryModule } from './app-registry/app-registry.module.js';
import { ApiResourceModule } from './api-resource/api-resource.module.js';
import { AuditExportModule } from './audit-export/audit-export.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuditReadingModule } from './audit-reading/audit-reading.module.js';
import { AuditTrailModule } from './audit-trail/audit-trail.module.js';
import { AuthorizationCodeModule } from './authorization-code/authorization-code.module.js';
import { ClaimsModule } from './claims/claims.module.js';
import { ClientCredentialsModule } from './client-credentials/client-credentials.module.js';
import type { ClinchConfig } from './config/clinch-config.js';
import { ClientRegistrationModule } from './client-registration/client-registration.module.js';
import { ConfigModule } from './config/config.module.js';
import { ConsoleModule } from './console/console.module.js';
import { ConsentsModule } from './consents/consents.module.js';
import { DatabaseModule } from './database/database.module.js';
import { DeparturesModule } from './departures/departures.module.js';
import { DeviceFlowModule } from './device-flow/device-flow.module.js';
import { DingTalkAdministrationModule } from './dingtalk/administration/dingtalk-administration.module.js';
import { DingTalkApiModule } from './dingtalk/api/dingtalk-api.module.js';
import { DingTalkDirectoryModule } from './dingtalk/directory/dingtalk-directory.module.js';
import { DingTalkEventsModule } from './dingtalk/events/dingtalk-events.module.js';
import { DingTalkSignInModule } from './dingtalk/sign-in/dingtalk-sign-in.module.js';
import { IdentitySourceModule } from './dingtalk/source/identity-source.module.js';
import { PeopleModule } from './dingtalk/people/people.module.js';
import { DirectoryModule } from './directory/directory.module.js';
import { DiscoveryDocumentModule } from './discovery/discovery.module.js';
import { ExpressionsModule } from './expressions/expressions.module.js';
import { GrantModule } from './grant/grant.module.js';
import { HttpModule } from './http/http.module.js';
import { InteractionModule } from './interaction/interaction.module.js';
import { IntrospectionModule } from './introspection/introspection.module.js';
import { KeysModule } from './keys/keys.module.js';
import { LaunchModule } from './launch/launch.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { RefreshTokenModule } from './refresh-token/refresh-token.module.js';
import { RevocationModule } from './revocation/revocation.module.js';
import { SessionModule } from './session/session.module.js';
import { TokenCompositionModule } from './token-composition/token-composition.module.js';
import { ClaimLabModule } from './claim-lab/claim-lab.module.js';
import { TokenEndpointModule } from './token-endpoint/token-endpoint.module.js';
import { TokenSigningModule } from './token-signing/token-signing.module.js';
import { UserinfoModule } from './userinfo/userinfo.module.js';
import { GroupsModule } from './groups/groups.module.js';
import { PersonFactsModule } from './person-facts/person-facts.module.js';
import { AppAccountsModule } from './app-accounts/app-accounts.module.js';
import { SubjectsModule } from './subjects/subjects.module.js';
import { BackChannelLogoutModule } from './back-channel-logout/back-channel-logout.module.js';
import { PortalModule } from './portal/portal.module.js';
import { MeasurementsModule } from './measurements/measurements.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { SignInHistoryModule } from './sign-in-history/sign-in-history.module.js';
import { SignOutModule } from './sign-out/sign-out.module.js';
import { LogoutModule } from './logout/logout.module.js';
import { CustomScopesModule } from './custom-scopes/custom-scopes.module.js';

/** The one list of rooms. */
@Module({})
export class AppModule {
  static forRoot(config: ClinchConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule,
        MeasurementsModule,
        AuditModule,
        AuditTrailModule,
        SettingsModule,
        ExpressionsModule,
        HttpModule,
        TokenSigningModule,
        AccountsModule,
        SignInHistoryModule,
        GroupsModule,
        PersonFactsModule,
        ApiResourceModule,
        AppRegistryModule,
        AuditReadingModule,
        AuditExportModule,
        ClientRegistrationModule,
        AppAccountsModule,
        SubjectsModule,
        CustomScopesModule,
        AccessModule,
        SessionModule,
        ClaimsModule,
        GrantModule,
        InteractionModule,
        RefreshTokenModule,
        BackChannelLogoutModule,
        SignOutModule,
        AccessEnforcementModule,
        ConsentsModule,
        TokenCompositionModule,
        ClaimLabModule,
        TokenEndpointModule,
        AuthorizationCodeModule,
        DeviceFlowModule,
        ClientCredentialsModule,
        AccessTokenModule,
        UserinfoModule,
        RevocationModule,
        LogoutModule,
        IntrospectionModule,
        DiscoveryDocumentModule,
        OperationsModule,
        KeysModule,
        DeparturesModule,
        IdentitySourceModule,
        DingTalkApiModule,
        PeopleModule,
        ConsoleModule,
        DirectoryModule,
        DingTalkDirectoryModule,
        DingTalkEventsModule,
        DingTalkSignInModule,
        AppTemplatesModule,
        AlibabaCloudModule,
        LaunchModule,
        PortalModule,
        DingTalkAdministrationModule,
      ],
    };
  }
}
