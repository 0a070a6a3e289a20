import { Module } from '@nestjs/common';
import { AccessTokenModule } from '../access-token/access-token.module.js';
import { ApiResourceModule } from '../api-resource/api-resource.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { HttpModule } from '../http/http.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { Introspection } from './introspection.js';
import { IntrospectionController } from './introspection.controller.js';

/**
 * Owns /oidc/introspect, and the rule of who may see which token. Leaves what a token is worth to `access-token` and
 * `refresh-token`, and which apps are an API to `api-resource`.
 */
@Module({
  imports: [
    HttpModule,
    AppRegistryModule,
    ApiResourceModule,
    AccessTokenModule,
    RefreshTokenModule,
    TokenSigningModule,
    SubjectsModule,
  ],
  controllers: [IntrospectionController],
  providers: [Introspection],
})
export class IntrospectionModule {}
