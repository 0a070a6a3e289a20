import { Module } from '@nestjs/common';
import { CustomScopesModule } from '../custom-scopes/custom-scopes.module.js';
import { GrantModule } from '../grant/grant.module.js';
import { HttpModule } from '../http/http.module.js';
import { DiscoveryController } from './discovery.controller.js';

/** Owns the discovery document, made from what is really there: the routes, the grants, the catalogue of claims. */
@Module({ imports: [HttpModule, GrantModule, CustomScopesModule], controllers: [DiscoveryController] })
export class DiscoveryDocumentModule {}
