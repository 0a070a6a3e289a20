import { Module } from '@nestjs/common';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { ClientCredentialsGrant } from './client-credentials.grant.js';

/**
 * Owns the client credentials grant (RFC 6749 §4.4): servers calling servers, and the operators' scripts. Decides which
 * API a request is about (RFC 8707); what an app may have there says `app-registry`.
 */
@Module({ imports: [AppRegistryModule], providers: [ClientCredentialsGrant] })
export class ClientCredentialsModule {}
