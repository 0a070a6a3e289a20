import { Module } from '@nestjs/common';
import { ClientCredentialsGrant } from './client-credentials.grant.js';

/** Owns the client credentials grant (RFC 6749 §4.4): servers calling servers, and the operators' scripts. */
@Module({ providers: [ClientCredentialsGrant] })
export class ClientCredentialsModule {}
