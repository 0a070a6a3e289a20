import { Module } from '@nestjs/common';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AppTemplatesModule } from '../app-templates/app-templates.module.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { PersonFactsModule } from '../person-facts/person-facts.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { AlibabaCloudTemplate } from './alibaba-cloud-template.js';
import { ConsoleOpening } from './console-opening.js';
import { ConsoleSetup } from './console-setup.js';
import { FederationClient } from './federation-client.js';
import { IssuerCertificates } from './issuer-certificates.js';
import { IssuerChecks } from './issuer-checks.js';
import { RoleAudiences } from './role-audiences.js';
import { SessionNames } from './session-names.js';
import { StsClient } from './sts-client.js';

/**
 * Owns what is special to Alibaba Cloud as an app: its settings, how an id token becomes a session in the console, what an
 * operator enters in RAM, and whether RAM will take this issuer. Leaves who may take which role to `access`, the token to
 * `app-templates`, and the page with the cause of a failure to `launch`.
 *
 * The two requests are made by `outbound` and not by Alibaba Cloud's packages. `@alicloud/sts20150401` puts the id token
 * into the query, where every proxy logs it. `@alicloud/credentials` takes it from a file, and quotes an answer that it
 * cannot read in its error. Both have an HTTP stack of their own: no private address is kept from it, no answer is too long
 * for it, and no signal ends it within the time of a click. The tests run both against the simulator that this room is
 * tested with.
 */
@Module({
  imports: [AppRegistryModule, AppTemplatesModule, OutboundModule, PersonFactsModule, TokenSigningModule],
  providers: [
    AlibabaCloudTemplate,
    ConsoleOpening,
    ConsoleSetup,
    FederationClient,
    IssuerCertificates,
    IssuerChecks,
    RoleAudiences,
    SessionNames,
    StsClient,
  ],
})
export class AlibabaCloudModule {}
